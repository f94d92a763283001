"""What a sentence is about and whether it says something: a classifier in plain Python."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
