"""The one way to a company in a test: its folder, its settings with a model server, the founder's trust in it."""

import json
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from signing import memory_key, signed

from agentco.adapters.files import trust_folder
from agentco.company import Company, load_company
from agentco.day import StandupReport
from agentco.file_formats import SourceFile
from agentco.overview import run_standup, save_standup
from agentco.wiring import open_company

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
AT = NOW.isoformat(timespec="seconds")


def company_line(**facts: str) -> str:
    """What the settings say of the company itself."""
    known = {"name": "Test", "timezone": "Europe/Lisbon", "country": "PT"} | facts
    return (
        f"company: {{{', '.join(f'{key}: {fact}' for key, fact in known.items())}}}\n"
    )


def models_at(url: str, *others: str, **tiers: str) -> str:
    """Settings with a test's model server: the models of each tier, `m` of medium unless told, and prices.

    `others` are priced and in no tier.
    """
    lists = {tier: names.split() for tier, names in (tiers or {"medium": "m"}).items()}
    every = dict.fromkeys(
        [*(name for names in lists.values() for name in names), *others]
    )
    models = ", ".join(
        f"{tier}: [{', '.join(f'workshop/{name}' for name in names)}]"
        for tier, names in lists.items()
    )
    prices = ", ".join(f"workshop/{name}: {{input: 1, output: 2}}" for name in every)
    return (
        f"models: {{{models}}}\n"
        f'providers: {{workshop: {{kind: openai, api_base: "{url}"}}}}\n'
        f"prices: {{{prices}}}\n"
    )


SETTINGS = company_line()


def company_of(files: Mapping[str, str | bytes]) -> Company:
    """The company of these files, as a value: nothing is written."""
    return load_company(
        SourceFile(path=path, data=text.encode() if isinstance(text, str) else text)
        for path, text in files.items()
    )


def trust_company(root: Path, at: str = AT) -> None:
    """What the founder does once they have seen what the company would reach."""
    trust_folder(root, open_company(root).trust.status().reach, at=at)


class Place:
    """A company's folder; methods write its files."""

    def __init__(self, root: Path, *, has_key: bool = True) -> None:
        self.root = root
        (root / ".github" / "agents").mkdir(parents=True)
        (root / ".github" / "prompts").mkdir()
        (root / ".github" / "copilot-instructions.md").write_text("# Test\n")
        (root / "memory").mkdir()
        self.settings(SETTINGS)
        if has_key:
            memory_key(self.memory_file)

    def write(self, path: str, text: str) -> Path:
        """A file of the company, in folders that are made for it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
        return file

    def settings(self, text: str) -> None:
        self.write(".github/agentco.yml", text)

    def trust(self) -> None:
        trust_company(self.root)

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

    def agent(self, name: str, text: str = "") -> Path:
        """A department, of whom its file says this, or no more than its name."""
        plain = f"---\nname: {name}\ndescription: Does {name}.\n---\n\nI am {name}.\n"
        return self.write(f".github/agents/{name}.agent.md", text or plain)

    def prompt(self, name: str, schedule: str, zone: str = "") -> None:
        own = f'agentco:\n  schedule: "{schedule}"\n' + (
            f"  timezone: {zone}\n" if zone else ""
        )
        text = f"---\ndescription: {name}\n{own}---\n\nDo {name}.\n"
        self.write(f".github/prompts/{name}.prompt.md", text)

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
