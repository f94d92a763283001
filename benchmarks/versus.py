"""What people wait for, before and after a change: both versions in turn, in one run.

python benchmarks/versus.py COMMIT [--rounds 15] [--bar 1.1]

COMMIT is the version before. Both run with this Python and its packages, each on a company of
its own; an answer comes at once from a model server on loopback.
"""

import argparse
import compileall
import json
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from bench_company import QUESTION, company, serving
from start import ROOT, interleaved

AGENTCO = [sys.executable, "-m", "agentco"]
ACTS: dict[str, list[str]] = {
    "--help": ["--help"],
    "board": ["board"],
    "standup --dry-run": ["standup", "--dry-run"],
    "standup": ["standup"],
    "ask": ["ask", "cfo", QUESTION, "--quick"],
}
ANSWER = "Nothing is due this week."


class Version:
    """One version of the program, and the company that it works in."""

    def __init__(self, code: Path, root: Path) -> None:
        self.root = root
        state_home = str(root.with_name(f"{root.name}-state"))
        self.env = {**os.environ, "PYTHONPATH": str(code), "XDG_STATE_HOME": state_home}

    def call(self, args: Sequence[str]) -> str:
        """Run a command in the company; what it prints. Raises CalledProcessError."""
        done = subprocess.run(
            [*AGENTCO, *args],
            cwd=self.root,
            env=self.env,
            check=True,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        return done.stdout

    def trust(self) -> None:
        """Trust the company as its founder would on a server."""
        shown = json.loads(self.call(["trust", "--show", "--json"]))
        self.call(["trust", "--hash", shown["hash"]])

    def act(self, args: Sequence[str]) -> Callable[[], object]:
        return lambda: self.call(args)


def check_out(commit: str, place: Path) -> Path:
    """The code of a commit, compiled."""
    place.mkdir()
    archive = subprocess.run(
        ["git", "archive", commit, "agentco"],
        cwd=ROOT,
        check=True,
        stdout=subprocess.PIPE,
    ).stdout
    subprocess.run(["tar", "-x", "-C", str(place)], input=archive, check=True)
    compileall.compile_dir(str(place), quiet=2)
    return place


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--bar", type=float, default=1.1)
    wanted = parser.parse_args()
    compileall.compile_dir(str(ROOT / "agentco"), quiet=2)
    holds = True
    print(f"{'what':<20} {'before':>9} {'after':>9} {'ratio':>6}, at most {wanted.bar}")
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        old_code = check_out(wanted.commit, place / "old-code")
        with serving(place, {"*": [{"text": ANSWER}]}) as url:
            new = Version(ROOT, company(place / "new", url))
            shutil.copytree(new.root, place / "old")
            old = Version(old_code, place / "old")
            new.trust()
            old.trust()
            for name, args in ACTS.items():
                both = {"before": old.act(args), "after": new.act(args)}
                found = interleaved(both, wanted.rounds, lambda: None)
                before, after = found["before"] * 1000, found["after"] * 1000
                holds &= after <= before * wanted.bar
                print(
                    f"{name:<20} {before:6.1f} ms {after:6.1f} ms {after / before:6.2f}"
                )
    print("every bar holds" if holds else "a bar does not hold")
    return 0 if holds else 1


if __name__ == "__main__":
    raise SystemExit(main())
