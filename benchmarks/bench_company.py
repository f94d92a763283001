"""The company and the model server that benchmarks work with."""

import json
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from start import AGENTCO, ROOT

LINE = "line.md"
BUDGET = (
    "budget: {call: 50, run: 5000, company_day: 90000, company_month: 90000, "
    "turns: 1000, tool_calls: 1000}"
)
QUESTION = "Which deadlines are next?"


@contextmanager
def serving(
    place: Path, answers: dict[str, Any], *, by_turn: bool = False
) -> Generator[str]:
    """An OpenAI-compatible server on loopback, as a process; its address."""
    script = place / "script.json"
    script.write_text(json.dumps({"answers": answers, "by_turn": by_turn}))
    server = [sys.executable, str(ROOT / "tests/wire/server.py"), str(script)]
    with subprocess.Popen(server, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process.stdout.readline().strip() if process.stdout else ""
        finally:
            process.kill()


def company(root: Path, url: str, kind: str = "openai") -> Path:
    """The sample company with every tier at that server, trusted by whoever measures."""
    from agentco.adapters.files import trust_file
    from agentco.wiring import open_company

    subprocess.run(
        [*AGENTCO, "init", "--sample", str(root)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    (root / LINE).write_text("Nothing is due this week.\n")
    settings = root / ".github" / "agentco.yml"
    kept = settings.read_text().replace("budget:", "unused:", 1)
    head, _, rest = kept.partition("unused:")
    rest = rest[rest.index("\n\n") :]
    models = (
        "models: {"
        + ", ".join(f"{tier}: [bench/m]" for tier in ("light", "medium", "heavy"))
        + "}"
    )
    providers = f'providers: {{bench: {{kind: {kind}, api_base: "{url}"}}}}'
    prices = 'prices: {"bench/m": {input: 1, output: 2}}'
    settings.write_text(f"{head}{BUDGET}\n{models}\n{providers}\n{prices}\n{rest}")
    edges = open_company(root)
    standing = trust_file.trust_status(
        root.resolve(), edges.files.load(), edges.files.settings().require_valid()
    )
    trust_file.trust_folder(
        root.resolve(), standing.reach, at="2026-11-21T09:00:00+00:00"
    )
    return root
