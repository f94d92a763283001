"""The only place where effects happen, through ports."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
