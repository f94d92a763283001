"""What agents, prompts, skills and instructions have in common: names, descriptions, tools and models."""

import re
from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import TypedDict

from msgspec import Struct

from agentco.company.characters import INVISIBLE
from agentco.company.document import Document
from agentco.company.fields import Fields, listed
from agentco.company.labels import read_label
from agentco.company.names import refused_id, refused_name
from agentco.company.places import Dialect, Place
from agentco.company.source import Findings
from agentco.company.tools import Tool, Tools, read_tools
from agentco.company.values import Value, written

_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"^[#>\s*-]+")
_LONGEST_SUMMARY = 300


class Page(Struct, frozen=True, kw_only=True):
    """A Markdown file on its way to a record; `stem` is its file's name, `servers` and `texts` are known."""

    path: str
    stem: str
    place: Place
    document: Document
    fields: Fields
    found: Findings
    servers: frozenset[str]
    texts: Mapping[str, str] = {}


class _Filed(TypedDict):
    file: str
    dialect: Dialect
    body: str
    body_line: int
    lines: dict[str, int]
    extra: dict[str, Value]


def filed(page: Page) -> _Filed:
    """The part of a record that says where it comes from. Comes last: what was not taken by then is extra."""
    extra = page.fields.extra
    lines = {key: page.document.lines[(key,)] for key in extra if (key,) in page.document.lines}
    return _Filed(
        file=page.path,
        dialect=page.place.dialect,
        body=page.document.body,
        body_line=page.document.body_line,
        lines=lines | page.fields.lines,
        extra=extra,
    )


def named(page: Page) -> str:
    """The display name: what the header says, else the file's stem. A name nobody may bear is an error."""
    name = clean(page.fields.text("name"))
    for candidate, reason in (
        (page.stem, refused_id(page.stem)),
        (name, refused_name(name) if name else None),
    ):
        if reason:
            line = page.fields.line("name") if candidate == name else None
            page.found.error("refused-name", f"the name {candidate!r} {reason}", "give it another name", line)
    return name or page.stem


def clean(text: str) -> str:
    """One line without invisible characters."""
    return _SPACE.sub(" ", text if text.isascii() else INVISIBLE.sub("", text)).strip()


def described(page: Page) -> str:
    """The description, on one line; empty when the header has none."""
    return clean(page.fields.text("description"))


def summary(body: str) -> str:
    """The first paragraph of a body that is no heading, else its first heading."""
    heading = ""
    for part in body.split("\n\n"):
        text = clean(part)
        if text and not text.startswith(("#", "<!--", "```", "---")):
            return _MARKUP.sub("", text)[:_LONGEST_SUMMARY]
        heading = heading or clean(_MARKUP.sub("", part.strip().split("\n")[0]))
    return heading[:_LONGEST_SUMMARY]


def tools_of(page: Page, servers: AbstractSet[str] = frozenset()) -> Tools | None:
    """The tools that a header lists; None when it does not say, nothing when its list cannot be read."""
    value = page.fields.take("tools")
    if page.fields.unreadable("tools"):
        page.found.warn(
            "no-tools", "the list of tools cannot be read: no tool is given", "write tools: [read]"
        )
        return Tools()
    if value is None:
        return None
    if isinstance(value, bool):
        return Tools(everything=value)
    line = page.fields.line("tools")
    tools = read_tools(_tool_names(value), page.servers | servers)
    if tools.ignored:
        what = f"only an editor has {_quoted(tools.ignored)}"
        page.found.info("ignored-tool", what, "nothing to do: the agent works without", line)
    if tools.unknown:
        hint = f"the names are {', '.join(Tool)}; a tool of a server is server/tool"
        page.found.info("unknown-tool", f"nobody knows {_quoted(tools.unknown)}", hint, line)
    return tools


def _tool_names(value: Value) -> tuple[str, ...]:
    """The names in a list, a string with commas, or a map from names to true."""
    if isinstance(value, str):
        return listed(value.strip().removeprefix("[").removesuffix("]"))
    if isinstance(value, list):
        return tuple(map(written, value))
    if not isinstance(value, dict):
        return ()
    inner = (_tool_names(v) for v in value.values() if isinstance(v, dict))
    return (
        *(key for key, given in value.items() if given is True),
        *(name for names in inner for name in names),
    )


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, dict.fromkeys(names)))


def models_of(page: Page) -> tuple[str, ...]:
    """The labels of the models a header asks for, best first; unknown ones are told."""
    value = page.fields.take("model")
    written = value if isinstance(value, list) else [value]
    parts = (part for item in written if isinstance(item, str) for part in item.split("|"))
    labels = tuple(label for part in parts for label in listed(part))
    if unknown := tuple(label for label in labels if not read_label(label).known):
        what = f"nobody knows the model {_quoted(unknown)}: tier medium is used"
        page.found.info("unknown-model", what, "agentco: {tier: …} sets the tier", page.fields.line("model"))
    return labels


def argument_hint(page: Page) -> str:
    """The usage line; `[file]` that YAML took for a list becomes `[file]` again."""
    value = page.fields.take("argument-hint")
    if isinstance(value, list):
        return f"[{', '.join(str(item) for item in value)}]"
    return clean(value) if isinstance(value, str) else ""
