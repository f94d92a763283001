"""A company whose memory the commands can be tried on."""

from pathlib import Path

import pytest
from signing import write_signed
from worlds import WHOLE


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / ".github" / "agents").mkdir(parents=True)
    (tmp_path / ".github" / "agentco.yml").touch()
    monkeypatch.setenv("AGENTCO_COMPANY", str(tmp_path))
    return tmp_path


@pytest.fixture
def filled(company: Path) -> Path:
    file = company / "memory" / "memory.jsonl"
    file.parent.mkdir()
    write_signed(file, WHOLE)
    return file
