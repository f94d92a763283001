"""A Markdown file as header values and body. What is broken is repaired or refused, never passed over."""

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.api_keys import leaks
from agentco.company.header_layout import Header, Layout, cut, runs_into_body, uncut
from agentco.company.header_repair import repair
from agentco.company.source_file import Findings, Source
from agentco.company.strict_yaml import CONFLICT, SYNTAX, read_yaml
from agentco.company.text_decoding import decode
from agentco.company.yaml_values import Tree, Value, Where
from agentco.kernel.characters import INVISIBLE
from agentco.kernel.errors import Diagnostic, Level

LARGEST_BODY = 1024 * 1024
LONGEST_BODY = 30_000
_GLUED_KEY = re.compile(r"^[A-Za-z][\w-]*:(?!//)\S", re.MULTILINE)


class Document(Struct, frozen=True, kw_only=True):
    """`headed` tells a header that says nothing from none; `dropped` are keys whose value was lost."""

    values: dict[str, Value]
    lines: dict[Where, int]
    headed: bool
    dropped: frozenset[str]
    body: str
    body_line: int


def read_text(source: Source, found: Findings) -> str | None:
    """The text of any company file, with warnings about what must not be in one."""
    text = decode(source, found)
    if text is None:
        return None
    if not text.isascii() and (first := INVISIBLE.search(text)):
        line = text.count("\n", 0, first.start()) + 1
        what = f"{len(INVISIBLE.findall(text))} invisible characters, the first is {ascii(first[0])[1:-1]}"
        found.warn(
            "invisible-characters",
            what,
            "delete them: a model reads what you do not see",
            line,
        )
    if not source.path.startswith("~/"):
        found.add(leak_warnings(source.path, text))
    return text


def leak_warnings(file: str, text: str) -> list[Diagnostic]:
    """A warning for each API key in a file that git keeps; the key itself is never shown."""
    found = Findings(file)
    for line, vendor in leaks(text):
        what = f"this looks like an API key ({vendor})"
        found.warn(
            "key-in-file",
            what,
            "revoke it, and name an environment variable instead",
            line,
        )
    return found.diagnostics


def read_document(
    source: Source, found: Findings, *, plain: bool = False
) -> Document | None:
    """Header and body; None when the file must be left out.

    A `plain` file needs no header: what stands between rules is one only when it is a mapping.
    """
    text = read_text(source, found)
    if text is None:
        return None
    layout = cut(text)
    trees = _trees(layout, found.file)
    if plain and not _certain(layout, trees):
        layout, trees = uncut(text), []
    elif (
        len(trees) == 1
        and trees[0].refused(SYNTAX)
        and runs_into_body(layout.headers[0])
    ):
        layout = cut(text, closed=False)
        trees = _trees(layout, found.file)
    trees = [_mended(*pair, found) for pair in zip(layout.headers, trees, strict=True)]
    if any(tree.refusal for tree in trees):
        return None
    if trees and not isinstance(trees[-1].value, dict | None):
        if not _may_be_text(layout.headers[-1], found):
            return None
        layout, trees = uncut(text), []
    return _checked(_joined(layout, trees), found)


def _trees(layout: Layout, file: str) -> list[Tree]:
    return [
        read_yaml(header.text, file, first_line=header.line)
        for header in layout.headers
    ]


def _certain(layout: Layout, trees: Sequence[Tree]) -> bool:
    """Whether what stands between rules is a header where there need be none."""
    closed = all(header.closed for header in layout.headers)
    mappings = bool(trees) and all(isinstance(tree.value, dict) for tree in trees)
    return (closed and mappings) or any(tree.refused(CONFLICT) for tree in trees)


def _mended(header: Header, tree: Tree, found: Findings) -> Tree:
    """A header as it was read, or after repair where it is no YAML."""
    if not header.closed:
        found.warn(
            "unclosed-header",
            "the header is never closed",
            "write a line --- after the last key",
            header.line,
        )
    if not tree.refused(SYNTAX):
        found.add(tree.diagnostics)
        return tree
    repaired = repair(header.text, found.file, first_line=header.line)
    again = read_yaml(repaired.text, found.file, first_line=header.line)
    if again.refusal:
        found.add(tree.diagnostics if again.refused(SYNTAX) else again.diagnostics)
        return again
    found.add((*repaired.diagnostics, *again.diagnostics))
    return replace(again, dropped=repaired.dropped)


def _may_be_text(header: Header, found: Findings) -> bool:
    """Whether what stands between the rules is a part of the body; keys glued to their values are not."""
    what, glued = (
        "what stands between the rules is no list of keys",
        bool(_GLUED_KEY.search(header.text)),
    )
    hint = (
        "write a space after each colon"
        if glued
        else "write keys between the rules, or delete the rules"
    )
    found.tell(
        Level.ERROR if glued else Level.WARNING,
        "header-not-keys",
        what,
        hint,
        header.line,
    )
    return not glued


def _joined(layout: Layout, trees: Sequence[Tree]) -> Document:
    """Inner headers count before outer ones; without a body the key `prompt` is one."""
    values: dict[str, Value] = {}
    lines: dict[Where, int] = {}
    for tree in trees:
        values |= tree.value if isinstance(tree.value, dict) else {}
        lines |= tree.lines
    body, body_line = layout.body, layout.body_line
    if not body.strip() and isinstance(prompt := values.get("prompt"), str):
        body, body_line = prompt, lines["prompt",] + 1
        del values["prompt"]
    lost = frozenset(key.lower() for tree in trees for key in tree.dropped)
    return Document(
        values=values,
        lines=lines,
        headed=bool(trees),
        dropped=lost,
        body=body,
        body_line=body_line,
    )


def _checked(document: Document, found: Findings) -> Document | None:
    length = len(document.body)
    if length * 4 > LARGEST_BODY and len(document.body.encode()) > LARGEST_BODY:
        found.error(
            "body-too-large",
            "the body is larger than 1 MiB",
            "split the file",
            document.body_line,
        )
        return None
    if length > LONGEST_BODY:
        what = f"the body has {length:,} characters, more than {LONGEST_BODY:,}"
        found.warn(
            "long-body",
            what,
            "move parts into files that are read on demand",
            document.body_line,
        )
    return document
