"""Programs of plans for tests: small executables that replay what was recorded of the real ones."""

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

HERE = Path(__file__).parent
RECORDINGS = HERE / "recordings"
CLAUDE, OLD_CLAUDE, COPILOT = "claude-2.1.332", "claude-2.1.197", "copilot-1.0.102"


class Asked(msgspec.Struct):
    """What a program was asked, and in what surroundings."""

    arguments: list[str]
    env: dict[str, str]
    cwd: str
    pid: int
    group: int
    files: list[str]
    input: str
    system: str = ""
    tools: list[dict[str, Any]] = []
    made: dict[str, Any] = {}
    updated: dict[str, Any] = {}


class FakeProgram:
    """An executable that replays recordings of the version it plays, the last one for ever.

    With `counts` the tokens of the prompt are those of what it was sent, not of what was recorded.
    """

    def __init__(self, folder: Path, version: str, *, counts: bool = False) -> None:
        self.version = version
        command = version.partition("-")[0]
        self.folder = folder / f"{version}-asked"
        self.folder.mkdir(parents=True)
        self.path = folder / command
        fake = HERE / f"fake_{command}.py"
        words = f'exec "{sys.executable}" -I "{fake}" "{self.folder}" "$@"'
        self.path.write_text(f"#!/bin/sh\n{words}\n")
        self.path.chmod(0o755)
        self.login: dict[str, Any] = {
            "loggedIn": True,
            "authMethod": "claude.ai",
            "email": "ana@farol.example",
            "subscriptionType": "pro",
            "isAuthenticated": True,
            "login": "ana",
        }
        self.counts = counts
        self.replay("text")

    def replay(self, *steps: str | dict[str, Any], **more: Any) -> None:
        """Replay these recordings, each alone or as a map with what else becomes of the program."""
        listed: list[dict[str, Any]] = []
        for step in steps:
            told = {"recording": step} if isinstance(step, str) else dict(step)
            file = RECORDINGS / self.version / f"{told['recording']}.jsonl"
            listed.append({"counts": self.counts, **told, "recording": str(file)})
        script = {"login": self.login, "protocol": 3, "steps": listed, **more}
        (self.folder / "script.json").write_text(json.dumps(script))

    @property
    def asked(self) -> list[Asked]:
        """Every call that it took, in order."""
        files = sorted(self.folder.glob("asked-*.json"))
        return [msgspec.json.decode(file.read_bytes(), type=Asked) for file in files]

    @property
    def methods(self) -> list[str]:
        """The methods that ended sessions, in order."""
        return (self.folder / "methods").read_text().split()
