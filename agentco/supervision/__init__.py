"""What happens when an agent hangs, loops, crashes or overspends."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
