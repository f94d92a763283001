"""A small company on the disk for tests, and a standup of it at a moment of one's choosing."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signing import memory_key, signed

from agentco.day.report import StandupReport
from agentco.overview.standup import run_standup, save_standup
from agentco.wiring import open_company

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SETTINGS = "company: {name: Test, timezone: Europe/Lisbon, country: PT}\n"


class Place:
    """A company's folder; methods write its files."""

    def __init__(self, root: Path) -> None:
        self.root = root
        (root / ".github" / "agents").mkdir(parents=True)
        (root / ".github" / "prompts").mkdir()
        (root / ".github" / "copilot-instructions.md").write_text("# Test\n")
        (root / "memory").mkdir()
        self.settings(SETTINGS)
        memory_key(self.memory_file)

    def settings(self, text: str) -> None:
        (self.root / ".github" / "agentco.yml").write_text(text)

    def board(self, *lines: str) -> None:
        (self.root / "BOARD.md").write_text(
            "# Board\n\n## This week\n" + "".join(f"{line}\n" for line in lines)
        )

    def board_text(self) -> str:
        return (self.root / "BOARD.md").read_text()

    @property
    def memory_file(self) -> Path:
        return self.root / "memory" / "memory.jsonl"

    def know(self, kind: str, name: str, *observations: str, **fields: str) -> None:
        record = {
            "type": "entity",
            "name": name,
            "entityType": kind,
            "observations": observations,
            **fields,
        }
        line = json.dumps(record).encode() + b"\n"
        with self.memory_file.open("ab") as file:
            file.write(signed(self.memory_file, line))

    def agent(self, name: str) -> None:
        text = f"---\nname: {name}\ndescription: Does {name}.\n---\n\nI am {name}.\n"
        (self.root / ".github" / "agents" / f"{name}.agent.md").write_text(text)

    def prompt(self, name: str, schedule: str, zone: str = "") -> None:
        own = f'agentco:\n  schedule: "{schedule}"\n' + (
            f"  timezone: {zone}\n" if zone else ""
        )
        text = f"---\ndescription: {name}\n{own}---\n\nDo {name}.\n"
        (self.root / ".github" / "prompts" / f"{name}.prompt.md").write_text(text)

    def stand_up(self, moment: datetime = NOW, **more: Any) -> StandupReport:
        return run_standup(open_company(self.root), moment=moment, **more)

    def write_down(self, moment: datetime = NOW) -> StandupReport:
        edges = open_company(self.root)
        return save_standup(edges, run_standup(edges, moment=moment), at=moment)[0]

    def entities(self) -> dict[str, list[str]]:
        graph = open_company(self.root).memory.load_graph()
        return {e.name: [o.text for o in e.observations] for e in graph.entities()}

    def files(self) -> dict[str, bytes]:
        return {
            str(p.relative_to(self.root)): p.read_bytes()
            for p in sorted(self.root.rglob("*"))
            if p.is_file()
        }
