"""Lists tools to a program that knows tools only from MCP servers, and carries out none.

Run as `python -I -S tool_listing.py FILE`, where FILE holds the tools as `tools/list` gives them.
"""

import json
import sys
from pathlib import Path
from typing import Any

UNKNOWN_METHOD = -32601


def main() -> None:
    """Answer on standard output, a line of JSON for each request, until the input ends."""
    tools = json.loads(Path(sys.argv[1]).read_bytes())
    for line in sys.stdin:
        request = json.loads(line)
        if "id" in request:
            reply = {"jsonrpc": "2.0", "id": request["id"], **answer(request, tools)}
            sys.stdout.write(json.dumps(reply) + "\n")
            sys.stdout.flush()


def answer(request: dict[str, Any], tools: list[Any]) -> dict[str, Any]:
    """What is said to a request."""
    match request.get("method"):
        case "initialize":
            version = request["params"]["protocolVersion"]
            return {
                "result": {
                    "protocolVersion": version,
                    "capabilities": {"tools": {}},
                    "serverInfo": {"name": "agentco", "version": "1"},
                }
            }
        case "tools/list":
            return {"result": {"tools": tools}}
        case "ping":
            return {"result": {}}
        case _:
            why = "these tools are only listed here"
            return {"error": {"code": UNKNOWN_METHOD, "message": why}}


if __name__ == "__main__":
    main()
