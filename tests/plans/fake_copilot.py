"""Plays GitHub Copilot as a server: answers as the real one does, with the events that were recorded of it.

Run as `python -I fake_copilot.py FOLDER ARGUMENT…`. FOLDER/script.json says who is signed in, and lists for
each call the events' file.
"""

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

TOO_LONG_S = 600


def messages() -> Any:
    while True:
        length = 0
        while line := sys.stdin.buffer.readline().strip():
            length = int(line.partition(b":")[2])
        if not length:
            return
        yield json.loads(sys.stdin.buffer.read(length))


def say(message: dict[str, Any]) -> None:
    body = json.dumps({"jsonrpc": "2.0", **message}).encode()
    sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
    sys.stdout.buffer.flush()


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


class Session:
    def __init__(self, folder: Path, arguments: list[str]) -> None:
        self.folder = folder
        self.script = json.loads((folder / "script.json").read_bytes())
        self.made: dict[str, Any] = {}
        self.updated: dict[str, Any] = {}
        self.arguments = arguments
        self.number = 0

    def answer(self, method: str, params: dict[str, Any]) -> Any:
        match method:
            case "connect":
                return {
                    "ok": True,
                    "protocolVersion": self.script["protocol"],
                    "version": "1.0.102",
                }
            case "auth.getStatus":
                return self.script["login"]
            case "session.create":
                self.made = params
                (Path(params["configDir"]) / "events.jsonl").touch()
                self.number += 1
                return {"sessionId": f"session-{self.number}"}
            case "session.options.update":
                self.updated = params
                return {"success": True}
            case "session.send":
                self.keep(params)
                return {"messageId": "1"}
            case _:
                with (self.folder / "methods").open("a") as file:
                    file.write(method + "\n")
                return {"success": True}

    def keep(self, params: dict[str, Any]) -> None:
        self.call = take_number(self.folder)
        asked = {
            "arguments": self.arguments,
            "env": dict(os.environ),
            "cwd": str(Path.cwd()),
            "pid": os.getpid(),
            "group": os.getpgid(0),
            "files": [path.name for path in Path().iterdir()],
            "made": self.made,
            "updated": self.updated,
            "input": params["prompt"],
        }
        (self.folder / f"asked-{self.call}.json").write_text(json.dumps(asked))

    def play(self) -> None:
        steps = self.script["steps"]
        step = steps[min(self.call, len(steps) - 1)]
        session = f"session-{self.number}"
        for line in Path(step["recording"]).read_text().splitlines():
            event = json.loads(line)
            if step["counts"] and event["type"] == "assistant.usage":
                event["data"]["inputTokens"] = len(json.dumps(self.made)) // 4
            event["data"] |= step.get("change", {}).get(event["type"], {})
            params = {"sessionId": session, "event": event}
            say({"method": "session.event", "params": params})
            if event["type"] == step.get("hangs_after"):
                child = subprocess.Popen(["sleep", str(TOO_LONG_S)])
                Path(step["child"]).write_text(str(child.pid))
                (self.folder / "hangs").touch()
                time.sleep(TOO_LONG_S)


def main() -> None:
    folder, arguments = Path(sys.argv[1]), sys.argv[2:]
    if arguments == ["--version"]:
        sys.stdout.write("GitHub Copilot CLI 1.0.102.\n")
        return
    session = Session(folder, arguments)
    for message in messages():
        refusal = session.script.get("refuses", {}).get(message["method"])
        taboo = session.script.get("takes_no", "")
        if taboo and taboo in message["params"]:
            refusal = f"the model does not support {taboo}"
        if refusal:
            say({"id": message["id"], "error": {"code": 1, "message": refusal}})
            continue
        result = session.answer(message["method"], message["params"])
        say({"id": message["id"], "result": result})
        if message["method"] == "session.send":
            session.play()


if __name__ == "__main__":
    main()
