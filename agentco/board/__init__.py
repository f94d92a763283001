"""BOARD.md: read, change, write back, nothing else touched."""
