"""Run the tests at four moments that are not today, each in a time zone of its own.

python benchmarks/moments.py [tests/FOLDER ...]

The clock goes on from the moment, for the tests and for every process that they start.
Folders begin one by one, so that each sees the midnight, or the hour that is left out,
while its first tests run.
"""

import os
import shutil
import subprocess
import sys
import sysconfig
import tempfile
import venv
from pathlib import Path

ROOT = Path(__file__).parents[1]
MOMENTS = {
    "in 400 days": ("UTC", "400 days"),
    "the end of February": ("Europe/Lisbon", "2027-02-28 23:58:00"),
    "the change to summer time": ("Europe/Lisbon", "2027-03-28 00:58:00"),
    "New Year's Eve": ("Pacific/Auckland", "2026-12-31 23:59:00"),
}
FAKETIME = {"FAKETIME_DONT_FAKE_MONOTONIC": "1", "FAKETIME_FORCE_MONOTONIC_FIX": "0"}
"""Only the calendar is false. With its fix for monotonic waits, libfaketime 0.9.10 makes
threads wait a tenth of a second for one another, and tests run out of patience."""
# Waits of threads need the real monotonic clock, and then libfaketime 0.9.10 reads the
# end of a sleep as a moment of the other clock: time.sleep fails in every process.
SLEEP = """\
import select
import time

wait = select.select
time.sleep = lambda seconds: wait((), (), (), seconds) and None
"""


def make_environment(folder: Path) -> Path:
    """Make a virtual environment like this one in which sleep works; return its Python."""
    venv.create(folder, symlinks=True)
    base = {"base": str(folder), "platbase": str(folder)}
    packages = Path(sysconfig.get_path("purelib", vars=base))
    (packages / "sleep_by_select.py").write_text(SLEEP)
    shared = sysconfig.get_path("purelib")
    (packages / "moments.pth").write_text(
        f"import site; site.addsitedir({shared!r})\nimport sleep_by_select\n"
    )
    scripts = Path(sysconfig.get_path("scripts", vars=base))
    for tool in Path(sysconfig.get_path("scripts")).iterdir():
        if not (scripts / tool.name).exists():
            (scripts / tool.name).symlink_to(tool)
    return scripts / "python"


def passes_at(moment: str, folder: str, python: Path) -> bool:
    """Run the tests of a folder at a moment; print one line, or all if they fail."""
    zone, begin = MOMENTS[moment]
    pytest = [str(python), "-m", "pytest", "-n", "auto", "--dist", "loadfile"]
    finished = subprocess.run(
        ["faketime", begin, *pytest, "-m", "not soak", folder],
        check=False,
        cwd=ROOT,
        env={**os.environ, **FAKETIME, "TZ": zone},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    passed = finished.returncode == 0
    lines = finished.stdout.decode("utf-8", "replace").splitlines()
    print(f"{moment}, {zone}: {folder}")
    print("\n".join(lines[-1:] if passed else lines), flush=True)
    return passed


def main(folders: list[str]) -> int:
    """Return the exit code: 0 if everything passes at every moment."""
    if not shutil.which("faketime"):
        print("error: the command faketime is missing", file=sys.stderr)
        print(
            "hint:  apt install faketime, or brew install libfaketime", file=sys.stderr
        )
        return 2
    if not folders:
        files = ROOT.glob("tests/*/test_*.py")
        folders = sorted({str(path.parent.relative_to(ROOT)) for path in files})
    with tempfile.TemporaryDirectory() as name:
        python = make_environment(Path(name) / "venv")
        results = [
            passes_at(moment, folder, python)
            for moment in MOMENTS
            for folder in folders
        ]
    print(f"{results.count(True)} of {len(results)} passed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
