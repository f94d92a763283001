"""What a founder can do, as functions: values in, values out; knows no terminal."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
