"""What stands on the terminal: lines, tables, colours, drafts as they come."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
