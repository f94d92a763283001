"""`agentco demo`: scripted stories, played with the real program in a temporary company."""

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

from agentco.kernel.errors import StateBroken
from agentco.terminal import screen

SCRIPTED_LABEL = "scripted: no model is called, nothing is paid"
POLL_INTERVAL_S = 0.01
FAILURE_HINT = "agentco demo --keep leaves the company to look at; please report it"


class StoryName(StrEnum):
    """Which stories there are."""

    REVIEW = "review"
    BLOCKED = "blocked"
    CRASH = "crash"


class DemoStep(Struct, frozen=True, forbid_unknown_fields=True):
    """A command, what is said before it, what it must show, and its exit code.

    `{run}` is the last run that was told. With `kill` it is killed once a file holds these words,
    while we keep another file from it.
    """

    run: str
    say: str = ""
    shows: tuple[str, ...] = ()
    code: int = 0
    kill: dict[str, str] = {}


class DemoStory(Struct, frozen=True, forbid_unknown_fields=True):
    """What happens, and what the sample company's files have more."""

    files: dict[str, str]
    steps: tuple[DemoStep, ...]


def demo(
    story: Annotated[
        StoryName | None,
        typer.Argument(metavar="[STORY]", help="review, blocked or crash."),
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the company afterwards.")
    ] = False,
) -> None:
    """Play scripted stories in a temporary company.

    The stories: a draft that is reviewed, one that stays blocked, and a crash; without a name
    the first two are played. Everything is real except the model, whose answers come from a
    file: no model is called and nothing is paid.

    Examples:
      agentco demo
      agentco demo crash --keep
    """
    screen.print_text(SCRIPTED_LABEL, screen.Style.BOLD)
    for tale in (story,) if story else (StoryName.REVIEW, StoryName.BLOCKED):
        play_in_temp_company(tale, keep=keep)
    screen.print_text(f"\n{SCRIPTED_LABEL}", screen.Style.BOLD)


def play_in_temp_company(tale: StoryName, *, keep: bool) -> None:
    """Play one story in a company of its own."""
    import shutil
    import tempfile
    from importlib.resources import files

    folder = Path(tempfile.mkdtemp(prefix="agentco-demo-"))
    try:
        text = (files("agentco.cli") / "stories" / f"{tale}.yml").read_bytes()
        play_story(yaml.decode(text, type=DemoStory), folder / "company")
    finally:
        if keep:
            screen.print_note(
                f"the company is in {folder / 'company'}, what it is trusted with in {folder}"
            )
        else:
            shutil.rmtree(folder, ignore_errors=True)


def play_story(story: DemoStory, company: Path) -> None:
    """Make the company and tell the story. Raises StateBroken when it does not go as it is told."""
    from agentco.upkeep.making_company import (
        sample_files,
        sign_memory,
        trust_new_company,
    )
    from agentco.wiring import company_maker, open_company

    # from here on this process and its children live in the temporary folder and trust only it
    os.environ |= {
        "HOME": str(company.parent),
        "XDG_STATE_HOME": str(company.parent),
        "PYTHONUNBUFFERED": "1",
    }
    os.environ |= {
        "PYTHONPATH": os.pathsep.join(sys.path),
        "AGENTCO_COMPANY": str(company),
    }
    maker = company_maker(company)
    opened = open_company(maker.root)
    samples = sample_files(maker, opened, None)
    for path in samples | story.files:
        text = samples.get(path, "") + story.files.get(path, "")
        maker.write_if_missing(path, text)
    trust_new_company(opened)
    sign_memory(opened, is_ours=True)
    run = ""
    for told in story.steps:
        step = replace(told, run=told.run.replace("{run}", run))
        screen.print_text(f"\n{step.say}".rstrip(), screen.Style.LATER)
        screen.print_text(f"$ {step.run}", screen.Style.BOLD)
        said, code = run_step(step, company)
        run = next(iter(re.findall(r", run (\w+):", said)), run)
        screen.print_text(said.strip("\n") or "Killed")
        expected = -signal.SIGKILL if step.kill else step.code
        words = " ".join(said.split())  # whatever the widths of columns
        if code != expected or not all(
            each in words or each in said for each in step.shows
        ):
            raise StateBroken(
                f"{step.run!r} did not do what the story says (exit code {code})",
                hint=FAILURE_HINT,
            )


def run_step(step: DemoStep, company: Path) -> tuple[str, int]:
    """What a command says, both streams in one, and its exit code."""
    import time
    from subprocess import DEVNULL, PIPE, STDOUT, Popen

    from agentco.wiring import company_maker

    words = shlex.split(step.run)
    command = [sys.executable, "-m", *words] if words[0] == "agentco" else words
    with (
        company_maker(company).hold_lock(step.kill["held"])
        if step.kill
        else nullcontext(),
        Popen(
            command, cwd=company, stdin=DEVNULL, stdout=PIPE, stderr=STDOUT, text=True
        ) as child,
    ):
        while step.kill and child.poll() is None:
            if step.kill["holds"] in (company / step.kill["file"]).read_text():
                child.kill()
            time.sleep(POLL_INTERVAL_S)  # the child does not say when it writes
        return child.communicate()[0], child.returncode
