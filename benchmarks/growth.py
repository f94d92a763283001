"""How every command that reads grows with what it reads: processor time at three sizes.

What a command takes in the sample company is taken off. The rest may grow 1.3 times as fast as the
size; a square would grow as its own square.

python benchmarks/growth.py [--rounds 3] [facts agents tasks runs]
"""

import argparse
import compileall
import json
import math
import os
import shutil
import sqlite3
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from start import AGENTCO, ROOT

BAR = 1.3
NOISE_S = 0.15
"""What a size takes is never counted as less: below that a ratio says nothing."""
OVER_AND_OUT = (0, 1, 3, 4, 6)
"""Exit codes of commands that did their work, whatever they found."""
TODAY = datetime.now(UTC).date()
LONG_AGO = TODAY - timedelta(days=300)
STANDUP = ("standup", "--full")
STORIES = {
    "done": "- text: Nothing is due.\n",
    "waits": '- calls: [{name: AskFounder, arguments: {question: "Which price?"}}]\n',
    "lost": "- calls: [{name: Fly}]\n- calls: [{name: Fly}]\n- calls: [{name: Fly}]\n",
}


def entity(name: str, kind: str, *observations: str) -> str:
    """A line of the memory that the founder wrote long ago."""
    record = {
        "type": "entity",
        "name": name,
        "entityType": kind,
        "observations": observations,
        "at": f"{LONG_AGO}T08:00:00+00:00",
        "by": "founder",
    }
    return f"{json.dumps(record)}\n"


def fact_lines(count: int) -> Iterator[str]:
    """What a memory holds: stale facts, notes, lessons, deadlines, trackers, old standups."""
    for i in range(count):
        match i % 10:
            case 0:
                yield entity(
                    f"lesson:2026-01-01:l{i}", "lesson", f"Summary: lesson {i}"
                )
            case 1:
                due = TODAY + timedelta(days=i % 700 - 300)
                yield entity(f"deadline:d{i}", "deadline", f"Due: {due}")
            case 2:
                runs = [f"Run: {LONG_AGO}T0{n}:00:00+00:00 ok" for n in range(9)]
                yield entity(f"prompt-run:p{i}", "prompt-run", *runs)
            case 3:
                relation = {"from": f"metric:m{i + 1}", "to": f"note:n{i}"}
                line = {"type": "relation", **relation, "relationType": "needs"}
                yield f"{json.dumps(line)}\n"
            case 4 | 5 | 6:
                yield entity(f"metric:m{i}", "metric", f"Visits: {i}", f"Sales: {i}")
            case _:
                yield entity(f"note:n{i}", "note", f"What was said of {i} and VAT")


def add_facts(company: Path, count: int) -> None:
    """A memory of so many lines."""
    with (company / "memory" / "memory.jsonl").open("a") as memory:
        memory.writelines(fact_lines(count))


def add_to_one_name(company: Path, count: int) -> None:
    """A memory in which so many lines are about the same few names, and relate them."""
    with (company / "memory" / "memory.jsonl").open("a") as memory:
        for i in range(count):
            moment = datetime(2020, 1, 1, tzinfo=UTC) + timedelta(hours=i)
            run = f"Run: {moment.isoformat()} ok"
            kinds = (("prompt-run:one", "prompt-run", run),)
            kinds += (("metric:one", "metric", f"Word {i}: {i}"),)
            kinds += (("deadline:one", "deadline", f"Done: {moment.date()}"),)
            memory.write(entity(*kinds[i % len(kinds)]))


def add_agents(company: Path, count: int) -> None:
    """So many agents that name one another, each with a prompt and a skill."""
    for i in range(count):
        near = f"agent-{(i + 1) % count}"
        head = f"description: Does {i}\ntools: [Read]\nagents: [{near}]\n"
        own = f"agentco: {{skills: [skill-{i}]}}\n"
        role = company / ".github" / "agents" / f"agent-{i}.agent.md"
        role.write_text(f"---\n{head}{own}---\nI do {i}.\n")
        prompt = company / ".github" / "prompts" / f"prompt-{i}.prompt.md"
        when = f'agentco: {{schedule: "{i % 60} 9 * * {i % 7}"}}'
        head = f"description: Asks {i}\nagent: agent-{i}\n{when}\n"
        prompt.write_text(f"---\n{head}---\nDo {i}.\n")
        skill = company / ".github" / "skills" / f"skill-{i}" / "SKILL.md"
        skill.parent.mkdir(parents=True)
        head = f"name: skill-{i}\ndescription: How to do {i}\n"
        skill.write_text(f"---\n{head}---\nDo it well.\n")


def add_tasks(company: Path, count: int) -> None:
    """A board of so many tasks, in every state that a rule looks at."""
    lines: list[str] = []
    for i in range(count):
        due = TODAY + timedelta(days=i % 60 - 40)
        mark = "x" if i % 9 == 0 else " "
        more = ("", " #blocked", f" missed:3 missed-on:{LONG_AGO}")[i % 3]
        lines.append(f"- [{mark}] Task {i} @marketing due:{due} id:L{i}{more}\n")
    with (company / "BOARD.md").open("a") as board:
        board.write("\n## Large\n")
        board.writelines(lines)


def add_runs(company: Path, count: int) -> None:
    """So many runs: a third is done, a third waits for the founder, a third failed."""
    for name, story in STORIES.items():
        (company / f"{name}.yml").write_text(story)
        order = ["ask", "cfo", f"What is due, {name}?", "--quick"]
        run_agentco(company, *order, "--model", f"scripted/{name}.yml")
    path = company / ".agentco" / "state.db"
    with closing(sqlite3.connect(path)) as state, state:
        names = [row[0] for row in state.execute("SELECT id FROM runs")]
        for table in ("runs", "effects", "ledger", "spent", "audit"):
            copy_rows(state, table, names, count)


def copy_rows(
    state: sqlite3.Connection, table: str, names: list[str], count: int
) -> None:
    """The rows of some runs again, under the names of as many runs as are wanted."""
    columns = [row[1] for row in state.execute(f"PRAGMA table_info({table})")]
    rows = state.execute(f"SELECT * FROM {table}").fetchall()  # noqa: S608  names are ours
    holes = ", ".join("?" * len(columns))
    number = len(rows)
    for i in range(count - len(names)):
        old = names[i % len(names)]
        for row in rows:
            if not any(isinstance(value, str) and old in value for value in row):
                continue
            number += 1
            copied = [renamed(value, old, f"c{i:05}") for value in row]
            for column in ("seq", "id"):
                if column in columns and isinstance(row[columns.index(column)], int):
                    copied[columns.index(column)] = number
            state.execute(f"INSERT INTO {table} VALUES ({holes})", copied)  # noqa: S608  names are ours


def renamed(value: Any, old: str, new: str) -> Any:
    """A value of a run, as another run has it."""
    return value.replace(old, new) if isinstance(value, str) else value


KINDS: dict[str, tuple[Callable[[Path, int], None], tuple[int, ...]]] = {
    "facts": (add_facts, (1_000, 10_000, 40_000)),
    "one-name": (add_to_one_name, (1_000, 10_000, 40_000)),
    "agents": (add_agents, (100, 1_000, 3_000)),
    "tasks": (add_tasks, (100, 1_000, 10_000)),
    "runs": (add_runs, (100, 1_000, 10_000)),
}
COMMANDS = {
    "facts": (
        STANDUP,
        ("status",),
        ("check",),
        ("doctor",),
        ("schedule",),
        ("lessons",),
        ("memory", "show"),
        ("memory", "search", "VAT"),
        ("memory", "check"),
        ("memory", "stats"),
        ("memory", "graph"),
        ("memory", "prune", "--dry-run"),
        ("memory", "export"),
        ("memory", "add", "growth:one", "One more line", "--type", "note"),
    ),
    "one-name": (
        STANDUP,
        ("check",),
        ("memory", "show"),
        ("memory", "search", "word"),
        ("memory", "check"),
        ("memory", "stats"),
        ("memory", "prune", "--dry-run"),
        ("memory", "export"),
    ),
    "agents": (
        STANDUP,
        ("status",),
        ("check",),
        ("doctor",),
        ("schedule",),
        ("show", "agents"),
        ("show", "prompts"),
        ("show", "skills"),
        ("show", "models"),
        ("lint", "BOARD.md"),
        ("ask", "cfo", "What is due?", "--show-prompt"),
    ),
    "tasks": (
        STANDUP,
        ("board",),
        ("check",),
        ("doctor",),
        ("board", "add", "One more"),
    ),
    "runs": (
        STANDUP,
        ("status",),
        ("doctor",),
        ("schedule",),
        ("inbox",),
        ("runs", "--all"),
        ("runs",),
        ("costs",),
        ("costs", "--by", "day"),
        ("audit",),
        ("triggers",),
    ),
}


def run_agentco(company: Path, *args: str) -> float:
    """The processor time of a command, in seconds."""
    command = [*AGENTCO, "--company", str(company), *args]
    env = os.environ | {
        "XDG_STATE_HOME": str(company.parent / "trust"),
        "COLUMNS": "90",
    }
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen(command, cwd=company, env=env, **quiet) as process:  # pyright: ignore[reportArgumentType, reportCallIssue]
        told = process.stderr.read() if process.stderr else ""
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode not in OVER_AND_OUT or "usage" in told.lower():
        sys.exit(f"{' '.join(args)} ended with {process.returncode}: {told}")
    return used.ru_utime + used.ru_stime


def measure(company: Path, command: tuple[str, ...], rounds: int) -> float:
    """The median of a command's processor time."""
    return statistics.median(run_agentco(company, *command) for _ in range(rounds))


def grown_company(folder: Path, kind: str, size: int) -> Path:
    """The sample company, grown in one way."""
    company = folder / f"{kind}-{size}"
    run_in = [*AGENTCO, "init", "--sample", str(company)]
    env = os.environ | {"XDG_STATE_HOME": str(folder / "trust")}
    subprocess.run(run_in, check=True, env=env, cwd=ROOT, stdout=subprocess.DEVNULL)
    if size:
        grow, _ = KINDS[kind]
        grow(company, size)
    return company


def tell_growth(kind: str, rounds: int) -> bool:
    """One line for each command; whether all of them hold the bar."""
    _, sizes = KINDS[kind]
    holds = True
    with tempfile.TemporaryDirectory() as place:
        companies = [grown_company(Path(place), kind, size) for size in (0, *sizes)]
        for command in COMMANDS[kind]:
            floor, *taken = [measure(each, command, rounds) for each in companies]
            own = [max(seconds - floor, NOISE_S) for seconds in taken]
            worst = max(
                (more / less) / (large / small)
                for less, more, small, large in zip(
                    own, own[1:], sizes, sizes[1:], strict=False
                )
            )
            exponent = math.log(own[-1] / own[0]) / math.log(sizes[-1] / sizes[0])
            times = " ".join(f"{seconds * 1000:7.0f}" for seconds in taken)
            what = " ".join(command)[:26]
            print(
                f"{kind:<9}{what:<27}{times} ms, exponent {exponent:4.2f},"
                f" {worst:.2f} of the size, at most {BAR}"
            )
            holds = holds and worst <= BAR
        shutil.rmtree(place, ignore_errors=True)
    return holds


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("kinds", nargs="*", default=[*KINDS])
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    compileall.compile_dir(str(ROOT / "agentco"), quiet=2)
    for kind, (_, sizes) in KINDS.items():
        print(f"{kind}: {', '.join(f'{size:,}' for size in sizes)}")
    holds = [tell_growth(kind, given.rounds) for kind in given.kinds]
    print("every bar holds" if all(holds) else "a bar does not hold")
    return 0 if all(holds) else 1


if __name__ == "__main__":
    raise SystemExit(main())
