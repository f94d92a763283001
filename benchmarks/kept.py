"""Run a command, show what it says, keep it in docs/benchmarks.md with the machine it ran on.

python benchmarks/kept.py "Start, standup, loading" python benchmarks/start.py
"""

import os
import platform
import re
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
INTRO = """\
# Benchmarks

`make bench` and `make soak` write this page. \
Ratios carry over from machine to machine better than milliseconds do.
"""


def run(command: list[str]) -> tuple[int, list[str]]:
    """Run a command, showing what it says; its exit code and its lines."""
    lines: list[str] = []
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        for line in process.stdout or ():
            print(line, end="", flush=True)
            lines.append(line.rstrip())
    return process.returncode, [line for line in lines if line]


def keep(heading: str, lines: list[str]) -> None:
    """Put the lines under their heading, in the place of what stood there."""
    python = f"Python {platform.python_version()}"
    machine = (
        f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores, {python}"
    )
    shown = "\n".join(lines)
    section = f"## {heading}\n\n{datetime.now(UTC):%Y-%m-%d}, {machine}\n\n```\n{shown}\n```\n"
    page = PAGE.read_text() if PAGE.exists() else ""
    sections = re.split(r"^(?=## )", page, flags=re.MULTILINE)[1:]
    others = [
        part.rstrip() + "\n"
        for part in sections
        if not part.startswith(f"## {heading}\n")
    ]
    PAGE.write_text("\n".join([INTRO, *sorted([*others, section])]))


def main() -> int:
    heading, *command = sys.argv[1:]
    code, lines = run(command)
    keep(heading, lines)
    return code


if __name__ == "__main__":
    raise SystemExit(main())
