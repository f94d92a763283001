"""A client on a pipe: sends lines, reads answers with a limit, kills."""

import json
import os
import select
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Self

OURS = (sys.executable, "-m", "agentco", "mcp")
URI = "memory://knowledge-graph"
LIMIT_S = 30.0


def reference() -> tuple[str, ...] | None:
    """The command of the reference server where it is installed: REFERENCE_MEMORY names its index.js."""
    script, node = os.environ.get("REFERENCE_MEMORY", ""), shutil.which("node")
    return (node, script) if node and Path(script).is_file() else None


def request(id_: int | str, method: str, **params: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", "id": id_, "method": method, "params": params}


def call(id_: int | str, tool: str, **arguments: Any) -> dict[str, Any]:
    return request(id_, "tools/call", name=tool, arguments=arguments)


def hello(version: str = "2025-11-25") -> dict[str, Any]:
    who = {"name": "test", "version": "1"}
    return request(
        "hello", "initialize", protocolVersion=version, capabilities={}, clientInfo=who
    )


def entity(name: str, *observations: str, kind: str = "thing") -> dict[str, Any]:
    return {"name": name, "entityType": kind, "observations": [*observations]}


def tie(from_: str, kind: str, to: str) -> dict[str, str]:
    return {"from": from_, "to": to, "relationType": kind}


class Client:
    """One server process."""

    def __init__(
        self,
        command: tuple[str, ...],
        file: Path | None,
        *more: str,
        cwd: Path | None = None,
    ) -> None:
        env = {**os.environ, "MEMORY_FILE_PATH": str(file)} if file else {**os.environ}
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            [*command, *more], stdin=pipe, stdout=pipe, stderr=pipe, env=env, cwd=cwd
        )
        assert self.process.stdin
        assert self.process.stdout
        self.stdin, self.stdout = (
            self.process.stdin.fileno(),
            self.process.stdout.fileno(),
        )
        self._rest = b""
        self.notes: list[dict[str, Any]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.communicate(timeout=LIMIT_S)

    def send(self, *messages: object) -> None:
        data = b"".join(
            (m if isinstance(m, bytes) else json.dumps(m).encode()) + b"\n"
            for m in messages
        )
        while data:
            data = data[os.write(self.stdin, data) :]

    def lines(self) -> Iterator[Any]:
        """Everything the server says, until it says no more for `LIMIT_S`."""
        end = time.monotonic() + LIMIT_S
        while True:
            *lines, self._rest = self._rest.split(b"\n")
            for i, line in enumerate(lines):
                self._rest = b"\n".join([*lines[i + 1 :], self._rest])
                yield json.loads(line)
                break
            else:
                assert select.select([self.stdout], [], [], end - time.monotonic())[
                    0
                ], "no answer in time"
                if not (data := os.read(self.stdout, 1 << 16)):
                    return
                self._rest += data

    def answers(self, count: int) -> dict[Any, Any]:
        """The next answers by their ids; notifications go to `notes`."""
        found: dict[Any, Any] = {}
        for said in self.lines():
            if "method" in said:
                self.notes.append(said)
                continue
            found[said["id"]] = said
            if len(found) == count:
                break
        return found

    def ask(self, message: dict[str, Any]) -> dict[str, Any]:
        self.send(message)
        return self.answers(1)[message["id"]]

    def use(self, tool: str, **arguments: Any) -> dict[str, Any]:
        """The result of a tool."""
        return self.ask(call(tool, tool, **arguments))["result"]

    def text(self, tool: str, **arguments: Any) -> str:
        """The words of a tool that refused."""
        result = self.use(tool, **arguments)
        assert result["isError"]
        return result["content"][0]["text"]

    def end(self) -> tuple[int, str]:
        """Close its stdin; how it ended, and what it said on stderr."""
        _, errors = self.process.communicate(timeout=LIMIT_S)
        return self.process.returncode, errors.decode()
