"""What the house asks of the outside world, and the values that cross that line."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
