"""The memory for other programs: MCP over stdin and stdout, like the reference server."""

from agentco.kernel.exported_names import exports_of

__getattr__ = exports_of(__name__)
