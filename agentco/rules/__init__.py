"""What may happen by itself, what needs the founder, what never."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
