"""What the company knows: lines, the graph they make, retention, search."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
