"""Runs the tests at four moments that are not today, each with a zone of its own; `make soak` calls it.

python benchmarks/moments.py [tests/FOLDER ...]

The clock goes on from the moment, for the tests and for every process that they start, so folders begin one by one:
each sees the midnight, or the hour that is left out, while its first tests run.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOMENTS = {
    "in 400 days": ("UTC", "400 days"),
    "the end of February": ("Europe/Lisbon", "2027-02-28 23:58:00"),
    "the change to summer time": ("Europe/Lisbon", "2027-03-28 00:58:00"),
    "New Year's Eve": ("Pacific/Auckland", "2026-12-31 23:59:00"),
}
PYTEST = (
    sys.executable,
    "-m",
    "pytest",
    "-n",
    "auto",
    "--dist",
    "loadfile",
    "-m",
    "not soak",
)


def held(folder: str, moment: str) -> bool:
    """Whether the tests of a folder hold at a moment; says so in a line, and all of pytest's where they do not."""
    zone, begin = MOMENTS[moment]
    env = os.environ | {"TZ": zone, "FAKETIME_DONT_FAKE_MONOTONIC": "1"}
    command = ["faketime", begin, *PYTEST, folder]
    done = subprocess.run(
        command,
        check=False,
        cwd=ROOT,
        env=env,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    lines = done.stdout.decode("utf-8", "replace").splitlines() or [""]
    print(
        "\n".join(
            (
                f"{moment}, {zone}: {folder}",
                *(lines[-1:] if done.returncode == 0 else lines),
            )
        ),
        flush=True,
    )
    return done.returncode == 0


def main(folders: list[str]) -> int:
    """The exit code: 0 when everything holds at every moment."""
    if not shutil.which("faketime"):
        print("error: the command faketime is missing", file=sys.stderr)
        print(
            "hint:  apt install faketime, or brew install libfaketime", file=sys.stderr
        )
        return 2
    every = folders or sorted(
        {str(path.parent.relative_to(ROOT)) for path in ROOT.glob("tests/*/test_*.py")}
    )
    results = [held(folder, moment) for moment in MOMENTS for folder in every]
    print(f"{results.count(True)} of {len(results)} held")
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
