"""What every room may use: errors, characters, names, words, data that ships beside the code."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
