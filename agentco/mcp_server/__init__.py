"""The memory for other programs: MCP over stdin and stdout, like the reference server."""
