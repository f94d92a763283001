"""BOARD.md: read, change, write back, nothing else touched."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
