"""The command line: arguments in, screens and documents out."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
