"""Lessons, as they are written down and proposed to the founder."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
