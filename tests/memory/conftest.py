"""A company whose memory the commands can be tried on."""

from pathlib import Path

import pytest
from signing import write_signed
from small_company import Place
from worlds import WHOLE


@pytest.fixture
def company(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    Place(tmp_path).settings("")
    monkeypatch.setenv("AGENTCO_COMPANY", str(tmp_path))
    return tmp_path


@pytest.fixture
def filled(company: Path) -> Path:
    file = company / "memory" / "memory.jsonl"
    write_signed(file, WHOLE)
    return file
