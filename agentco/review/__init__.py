"""Who must look at a text, and what a public text may say."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
