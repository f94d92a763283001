"""The examples of every help page stand line by line and can be pasted."""

import io
import os
import re
import shlex
from collections.abc import Iterator
from contextlib import redirect_stdout

import pytest
from claims import claim

from agentco.cli import COMMAND_GROUPS
from agentco.cli.main import main

COMMANDS = [name for names in COMMAND_GROUPS.values() for name in names]


def help_of(*words: str) -> str:
    screen = io.StringIO()
    with redirect_stdout(screen):
        assert main([*words, "--help"]) == 0
    return screen.getvalue()


def examples_of(page: str) -> list[str]:
    _, _, rest = page.partition("\n  Examples:\n")
    block, _, _ = rest.partition("\n\n")
    return [line.strip() for line in block.splitlines()]


def pages() -> Iterator[tuple[tuple[str, ...], str]]:
    """The words of every command, and its help."""
    for name in COMMANDS:
        page = help_of(name)
        yield (name,), page
        _, _, below = page.partition("\nCommands:\n")
        for sub in re.findall(r"^  (\S+)", below, re.MULTILINE):
            yield (name, sub), help_of(name, sub)


def own_words(example: str) -> list[str]:
    """The words of the last `agentco` of a line, up to where its output goes."""
    words = shlex.split(example)
    last = len(words) - words[::-1].index("agentco")
    own = words[last:]
    return own[: own.index(">")] if ">" in own else own


@pytest.fixture(scope="module")
def helps() -> dict[tuple[str, ...], str]:
    os.environ.pop("COLUMNS", None)
    return dict(pages())


@claim("commands:examples")
def test_every_command_but_a_heading_has_examples_a_line_each(
    helps: dict[tuple[str, ...], str],
) -> None:
    bare = {words for words, page in helps.items() if not examples_of(page)}
    assert bare <= {("memory",), ("show",)}
    for page in helps.values():
        assert all("agentco " in line for line in examples_of(page)), page


@claim("commands:examples")
def test_an_example_names_a_command_and_options_that_its_help_knows(
    helps: dict[tuple[str, ...], str],
) -> None:
    for page in helps.values():
        for line in examples_of(page):
            name, *rest = own_words(line)
            below = (name, rest[0]) if rest and (name, rest[0]) in helps else (name,)
            for option in re.findall(r"(?<!\S)--[a-z-]+", " ".join(rest)):
                assert option in helps[below], line


@claim("commands:examples")
@pytest.mark.parametrize("name", ["-h", "--help"])
def test_help_is_asked_for_in_two_ways(name: str) -> None:
    screen = io.StringIO()
    with redirect_stdout(screen):
        assert main(["board", "add", name]) == 0
    assert screen.getvalue() == help_of("board", "add")


@claim("commands:examples")
def test_the_version_is_asked_for_in_two_ways() -> None:
    screens = [io.StringIO(), io.StringIO()]
    for screen, name in zip(screens, ("-V", "--version"), strict=True):
        with redirect_stdout(screen):
            assert main([name]) == 0
    assert screens[0].getvalue() == screens[1].getvalue()
