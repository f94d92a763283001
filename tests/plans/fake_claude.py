"""Plays Claude Code: takes a call as the real one does, and says what a recording of the real one says.

Run as `python -I fake_claude.py FOLDER ARGUMENT…`. FOLDER/script.json lists for each call a recording's file
and what becomes of the program then: it may hang, or name the file of a child that it leaves behind.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOO_LONG_S = 600


def option(arguments: list[str], name: str) -> str:
    return arguments[arguments.index(name) + 1] if name in arguments else ""


def listed_tools(arguments: list[str]) -> list[dict[str, Any]]:
    """What the server of tools says that it has, and that it carries out none."""
    config = json.loads(Path(option(arguments, "--mcp-config")).read_bytes())
    for server in config["mcpServers"].values():
        command = [server["command"], *server["args"]]
        calls = [
            {"id": 1, "method": "initialize", "params": {"protocolVersion": "1"}},
            {"method": "notifications/initialized"},
            {"id": 2, "method": "tools/list"},
            {"id": 3, "method": "tools/call", "params": {"name": "Read"}},
        ]
        text = "".join(json.dumps(call) + "\n" for call in calls)
        done = subprocess.run(
            command, input=text, capture_output=True, text=True, check=True
        )
        _, listing, refusal = map(json.loads, done.stdout.splitlines())
        assert "error" in refusal
        return listing["result"]["tools"]
    return []


def say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def take_number(folder: Path) -> int:
    """The number of this call, from 0."""
    number = 0
    while True:
        try:
            (folder / f"call-{number}").touch(exist_ok=False)
        except FileExistsError:
            number += 1
        else:
            return number


def main() -> None:
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    script = json.loads((folder / "script.json").read_bytes())
    if arguments == ["--version"]:
        say("2.1.332 (Claude Code)")
        return
    if arguments[:2] == ["auth", "status"]:
        say(json.dumps(script["login"]))
        sys.exit(0 if script["login"]["loggedIn"] else 1)
    number = take_number(folder)
    step = script["steps"][min(number, len(script["steps"]) - 1)]
    tools = listed_tools(arguments)
    system = Path(option(arguments, "--system-prompt-file")).read_text()
    words = sys.stdin.read()
    asked = {
        "arguments": arguments,
        "env": dict(os.environ),
        "cwd": str(Path.cwd()),
        "pid": os.getpid(),
        "group": os.getpgid(0),
        "files": [path.name for path in Path().iterdir()],
        "system": system,
        "input": words,
        "tools": tools,
    }
    (folder / f"asked-{number}.json").write_text(json.dumps(asked))
    if step.get("stderr"):
        sys.exit(step["stderr"])
    names = [f"mcp__agentco__{tool['name']}" for tool in tools]
    for line in Path(step["recording"]).read_text().splitlines():
        told = json.loads(line)
        if told.get("subtype") == "init":
            told["tools"] = step.get("tools", names)
        if step["counts"] and told.get("event", {}).get("type") == "message_start":
            size = len(system) + len(words) + len(json.dumps(tools))
            usage = {"input_tokens": size // 4, "output_tokens": 1}
            told["event"]["message"]["usage"] = usage
        say(json.dumps(told | step.get("change", {}).get(told["type"], {})))
        kind = told.get("event", {}).get("type", told["type"])
        if kind == step.get("hangs_after"):
            if step.get("child"):
                child = subprocess.Popen(["sleep", str(TOO_LONG_S)])
                Path(step["child"]).write_text(str(child.pid))
            (folder / "hangs").touch()
            time.sleep(TOO_LONG_S)


if __name__ == "__main__":
    main()
