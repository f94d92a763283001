"""A text as its reader sees it: what is shown, its sentences, and phrases in it."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
