"""PDF, spreadsheets, mail and pages of HTML as text, read by a process of its own with limits."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
