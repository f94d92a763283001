"""The tests themselves end, however they were started."""

import subprocess
import sys
from pathlib import Path

from claims import claim

ROOT = Path(__file__).parents[2]
INTERRUPTS = "tests/commands/test_hostile.py::test_an_interrupt_at_a_question_ends_with_130_and_changes_nothing"
NEVER = "import select\n\n\ndef test_never():\n    select.select((), (), ())\n"


def run_tests(*args: str, begin: tuple[str, ...] = ()) -> tuple[int, str]:
    """The exit code of tests in a process of their own, and what it printed."""
    done = subprocess.run(
        [*begin, sys.executable, "-m", "pytest", *args],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=120,
        check=False,
    )
    return done.returncode, done.stdout


@claim("house:ends")
def test_where_interrupts_are_ignored_the_tests_can_still_interrupt() -> None:
    ignoring = ("sh", "-c", "trap '' INT; exec \"$@\"", "sh")
    code, said = run_tests(INTERRUPTS, begin=ignoring)
    assert code == 0, said


@claim("house:ends")
def test_a_test_that_does_not_end_is_named(tmp_path: Path) -> None:
    (tmp_path / "test_guilty.py").write_text(NEVER)
    settings = ("-c", "pyproject.toml", "-o", "faulthandler_timeout=0.5")
    code, said = run_tests(*settings, str(tmp_path))
    assert code != 0
    assert "in test_never" in said
