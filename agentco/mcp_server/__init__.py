"""The memory for other programs: MCP over stdin and stdout, as the reference memory server speaks it."""
