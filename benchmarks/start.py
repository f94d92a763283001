"""The start, standup and loading bars: medians, compiled byte code, ratios within one run.

python benchmarks/start.py [--rounds 15]
"""

import argparse
import compileall
import json
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parents[1]
AGENTCO = [sys.executable, "-m", "agentco"]
FLOOR = [sys.executable, "-c", "import typer, rich"]


def seconds(run: Callable[[], object]) -> float:
    before = time.perf_counter()
    run()
    return time.perf_counter() - before


def told(what: str, value: float, unit: str, ratio: float, bar: float) -> bool:
    """One line with its bar; whether that holds."""
    print(
        f"{what:<44} {value:8.1f} {unit}, {ratio:.2f} of the bar's measure, at most {bar:g}"
    )
    return ratio <= bar


def command(args: Sequence[str], cwd: Path) -> Callable[[], object]:
    return lambda: subprocess.run(
        args, cwd=cwd, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )


def interleaved(
    runs: dict[str, Callable[[], object]], rounds: int, prepare: Callable[[], object]
) -> dict[str, float]:
    """Medians in seconds, every round running each once, so that a busy machine slows all alike."""
    taken: dict[str, list[float]] = {name: [] for name in runs}
    for _ in range(rounds + 1):
        prepare()
        for name, run in runs.items():
            taken[name].append(seconds(run))
    return {name: statistics.median(times[1:]) for name, times in taken.items()}


def large_company(folder: Path) -> Path:
    """200 tasks, 30 prompts, 10,000 entities of 440 bytes, as DESIGN 14 has it."""
    subprocess.run(
        [*AGENTCO, "init", "--sample", str(folder)],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=ROOT,
    )
    today = datetime.now(UTC).date()
    days = [today + timedelta(days=i % 60 - 20) for i in range(176)]
    tasks = [
        f"- [ ] Task {i} of the large board @marketing due:{day} id:L{i}"
        for i, day in enumerate(days)
    ]
    with (folder / "BOARD.md").open("a") as board:
        board.write("\n## Large\n" + "\n".join(tasks) + "\n")
    for i in range(23):
        head = f'description: Prompt {i}\nagent: coo\nagentco:\n  schedule: "{i} 9 * * {i % 7}"\n'
        text = f"---\n{head}---\n\nLook at {i}.\n"
        (folder / ".github" / "prompts" / f"large-{i}.prompt.md").write_text(text)
    with (folder / "memory" / "memory.jsonl").open("a") as memory:
        memory.writelines(entity(i, today) for i in range(10_000))
    return folder


def fresh(company: Path) -> Callable[[], None]:
    """Puts board and memory back as they were before the first standup of the day."""
    files = {
        path: path.read_bytes()
        for path in (company / "BOARD.md", company / "memory" / "memory.jsonl")
    }

    def restore() -> None:
        for path, data in files.items():
            path.write_bytes(data)

    return restore


def entity(i: int, today: date) -> str:
    record = {
        "type": "entity",
        "name": f"note:{i}",
        "entityType": ("note", "decision", "metric", "client")[i % 4],
        "observations": [
            f"observation {i} " + "word " * 24,
            f"second {i} " + "more " * 20,
        ],
        "at": f"{today}T08:00:00+00:00",
        "by": "founder",
    }
    line = json.dumps(record, separators=(",", ":"))
    return line + " " * max(0, 439 - len(line)) + "\n"


def loading(folder: Path) -> Callable[[], object]:
    """Read and load 840 files: the sample company's own, copied under new names."""
    sources = sorted((ROOT / ".github").rglob("*.md"))
    for i in range(840):
        source = sources[i % len(sources)]
        target = folder / source.relative_to(ROOT)
        if source.name == "SKILL.md":
            target = target.parent.with_name(f"{target.parent.name}-{i}") / "SKILL.md"
        elif ".github/copilot" not in str(target):
            target = target.with_name(f"n{i}-{target.name}")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    from agentco.adapters.files.company_folder import CompanyFolder

    return lambda: CompanyFolder(folder).load()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    compileall.compile_dir(str(ROOT / "agentco"), quiet=2)
    with tempfile.TemporaryDirectory() as place:
        company = large_company(Path(place) / "large")
        files = loading(Path(place) / "files")
        quick = [*AGENTCO, "--company", str(company)]
        found = interleaved(
            {
                "python -c 'import typer, rich'": command(FLOOR, ROOT),
                "agentco --help": command([*AGENTCO, "--help"], ROOT),
                "agentco memory --help": command([*AGENTCO, "memory", "--help"], ROOT),
                "agentco --version": command([*AGENTCO, "--version"], ROOT),
                "agentco standup, first of the day": command([*quick, "standup"], ROOT),
                "agentco standup, once more": command([*quick, "standup"], ROOT),
            },
            rounds,
            fresh(company),
        )
        load = statistics.median(seconds(files) for _ in range(rounds))
    floor = next(iter(found.values()))
    ok = True
    print(f"{'what':<36} {'ms':>8} {'ratio':>6} {'bar':>8}")
    for name, value in found.items():
        bar = 4.0 if "standup" in name else 1.5
        ok &= value / floor <= bar
        print(f"{name:<36} {value * 1000:8.1f} {value / floor:6.2f} {bar:7.1f}x")
    ok &= load <= 0.150
    print(f"{'loading 840 company files':<36} {load * 1000:8.1f} {'':>6} {'150 ms':>8}")
    print("every bar holds" if ok else "a bar does not hold")
    return 0 if ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
