"""What a founder types in a company, as a function of this process; in a test: the fixture `do`."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from agentco.cli.main import main


class Said(Struct, frozen=True):
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def document(self) -> Any:
        return json.loads(self.out)


Do = Callable[..., Said]


def commands_of(root: Path, capsys: pytest.CaptureFixture[str]) -> Do:
    """Run `agentco` with these words in the company."""

    def run(*args: str) -> Said:
        capsys.readouterr()
        code = main(["--company", str(root), *args])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return run
