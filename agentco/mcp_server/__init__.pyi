from agentco.mcp_server.session import Session as Session
