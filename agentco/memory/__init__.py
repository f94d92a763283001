"""What the company knows: lines and whose word they are, the graph, retention, search."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
