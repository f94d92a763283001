"""`agentco demo`: scripted stories, played with the real program in a company that is thrown away."""

import os
import re
import shlex
import signal
import sys
from contextlib import nullcontext
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from msgspec import Struct, yaml
from msgspec.structs import replace

from agentco.cli import init, screen
from agentco.kernel.errors import StateBroken

LABEL = "scripted: no model is called, nothing is paid"
PAUSE_S = 0.01
HINT = "agentco demo --keep leaves the company to look at; please report it"


class Tale(StrEnum):
    """Which stories there are."""

    REVIEW = "review"
    BLOCKED = "blocked"
    CRASH = "crash"


class Step(Struct, frozen=True, forbid_unknown_fields=True):
    """A command, what is said before it, what it must show, and its exit code; `{run}` is the last run that was told.

    With `kill` it is killed once a file holds these words, while we keep another file from it.
    """

    run: str
    say: str = ""
    shows: tuple[str, ...] = ()
    code: int = 0
    kill: dict[str, str] = {}


class Story(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens, and what the sample company's files have more."""

    files: dict[str, str]
    steps: tuple[Step, ...]


def demo(
    story: Annotated[
        Tale | None, typer.Argument(metavar="[STORY]", help="review, blocked or crash.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Leave the company there to look at.")
    ] = False,
) -> None:
    """Play scripted stories in a temporary company: a draft that is reviewed, one that stays blocked, a crash.

    Without a name the two of reviews. All of it is real but the model, which says what a file says: no model
    is called, nothing is paid.

    Examples:
      agentco demo
      agentco demo crash --keep
    """
    screen.say(LABEL, screen.Look.BOLD)
    for tale in (story,) if story else (Tale.REVIEW, Tale.BLOCKED):
        tell(tale, keep=keep)
    screen.say(f"\n{LABEL}", screen.Look.BOLD)


def tell(tale: Tale, *, keep: bool) -> None:
    """Play one story in a company of its own."""
    import shutil
    import tempfile
    from importlib.resources import files

    folder = Path(tempfile.mkdtemp(prefix="agentco-demo-"))
    try:
        text = (files("agentco.cli") / "stories" / f"{tale}.yml").read_bytes()
        play(yaml.decode(text, type=Story), folder / "company")
    finally:
        if keep:
            screen.note(
                f"the company is in {folder / 'company'}, what it is trusted with in {folder}"
            )
        else:
            shutil.rmtree(folder, ignore_errors=True)


def play(story: Story, company: Path) -> None:
    """Make the company and tell the story. Raises StateBroken when it does not go as it is told."""
    from agentco.adapters.files.template_files import write_new

    # From here on this process and its children are at home in the temporary folder, and trust only there.
    os.environ |= {
        "HOME": str(company.parent),
        "XDG_STATE_HOME": str(company.parent),
        "PYTHONUNBUFFERED": "1",
    }
    os.environ |= {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AGENTCO_COMPANY": str(company),
    }
    samples = dict(init.sample_files(None))
    for path in samples | story.files:
        write_new(company, path, samples.get(path, "") + story.files.get(path, ""))
    init.trust_created(company)
    run = ""
    for told in story.steps:
        step = replace(told, run=told.run.replace("{run}", run))
        screen.say(f"\n{step.say}".rstrip(), screen.Look.LATER)
        screen.say(f"$ {step.run}", screen.Look.BOLD)
        said, code = ran(step, company)
        run = next(iter(re.findall(r", run (\w+):", said)), run)
        screen.say(said.strip("\n") or "Killed")
        if code != (-signal.SIGKILL if step.kill else step.code) or not all(
            words in said for words in step.shows
        ):
            raise StateBroken(
                f"{step.run!r} did not do what the story says (exit code {code})",
                hint=HINT,
            )


def ran(step: Step, company: Path) -> tuple[str, int]:
    """What a command says, both streams in one, and its exit code."""
    import time
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    from agentco.adapters.files.lock import held

    words = shlex.split(step.run)
    command = [sys.executable, "-m", *words] if words[0] == "agentco" else words
    with (
        held(company / step.kill["held"]) if step.kill else nullcontext(),
        Popen(
            command, cwd=company, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True
        ) as child,
    ):
        while step.kill and child.poll() is None:
            if step.kill["holds"] in (company / step.kill["file"]).read_text():
                child.kill()
            time.sleep(PAUSE_S)
        return child.communicate()[0], child.returncode
