"""What stays up: the tree, run processes, the watch over files."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
