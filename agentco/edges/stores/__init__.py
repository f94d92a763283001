"""The files that hold what must survive: the memory and the board."""
