"""Lessons turned into proposed changes to the company's own files."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
