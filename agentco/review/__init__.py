"""Who must look at a text, and what they say of it."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
