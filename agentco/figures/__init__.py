"""What a number in a text says: of what, how exactly, and what it follows from."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
