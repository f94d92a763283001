"""Models of a plan, asked through the unmodified program that its founder signed in to."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
