"""A Markdown file as header values and body. What is broken is repaired or refused, never passed over."""

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.api_keys import find_api_keys
from agentco.company.header_layout import (
    Header,
    Layout,
    runs_into_body,
    split_header,
    without_header,
)
from agentco.company.header_repair import repair_header
from agentco.company.source_file import FileFindings, SourceFile
from agentco.company.strict_yaml import CONFLICT_CODE, SYNTAX_CODE, read_yaml
from agentco.company.text_decoding import decode_text
from agentco.company.yaml_values import KeyPath, Value, YamlTree
from agentco.kernel.characters import INVISIBLE
from agentco.kernel.errors import Diagnostic, Severity

MAX_BODY_BYTES = 1024 * 1024
MAX_BODY_CHARACTERS = 30_000
_GLUED_KEY = re.compile(r"^[A-Za-z][\w-]*:(?!//)\S", re.MULTILINE)


class Document(Struct, frozen=True, kw_only=True):
    """`headed` tells a header that says nothing from none; `dropped` are keys whose value was lost."""

    values: dict[str, Value]
    lines: dict[KeyPath, int]
    headed: bool
    dropped: frozenset[str]
    body: str
    body_line: int


def read_text(source: SourceFile, found: FileFindings) -> str | None:
    """The text of any company file, with warnings about what must not be in one."""
    text = decode_text(source, found)
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
        found.add_all(leak_warnings(source.path, text))
    return text


def leak_warnings(file: str, text: str) -> list[Diagnostic]:
    """A warning for each API key in a file that git keeps; the key itself is never shown."""
    found = FileFindings(file)
    for line, vendor in find_api_keys(text):
        what = f"this looks like an API key ({vendor})"
        found.warn(
            "key-in-file",
            what,
            "revoke it, and name an environment variable instead",
            line,
        )
    return found.diagnostics


def read_document(
    source: SourceFile, found: FileFindings, *, plain: bool = False
) -> Document | None:
    """Header and body; None when the file must be left out.

    A `plain` file needs no header: what stands between rules is one only when it is a mapping.
    """
    text = read_text(source, found)
    if text is None:
        return None
    layout = split_header(text)
    trees = _parse_headers(layout, found.file)
    if plain and not _is_certain_header(layout, trees):
        layout, trees = without_header(text), []
    elif (
        len(trees) == 1
        and trees[0].refused_for(SYNTAX_CODE)
        and runs_into_body(layout.headers[0])
    ):
        layout = split_header(text, closed=False)
        trees = _parse_headers(layout, found.file)
    trees = [
        _repair_tree(*pair, found) for pair in zip(layout.headers, trees, strict=True)
    ]
    if any(tree.refusal for tree in trees):
        return None
    if trees and not isinstance(trees[-1].value, dict | None):
        if not _may_be_text(layout.headers[-1], found):
            return None
        layout, trees = without_header(text), []
    return _check_body_size(_merge_headers(layout, trees), found)


def _parse_headers(layout: Layout, file: str) -> list[YamlTree]:
    return [
        read_yaml(header.text, file, first_line=header.line)
        for header in layout.headers
    ]


def _is_certain_header(layout: Layout, trees: Sequence[YamlTree]) -> bool:
    """Whether what stands between rules is a header where there need be none."""
    closed = all(header.closed for header in layout.headers)
    mappings = bool(trees) and all(isinstance(tree.value, dict) for tree in trees)
    return (closed and mappings) or any(
        tree.refused_for(CONFLICT_CODE) for tree in trees
    )


def _repair_tree(header: Header, tree: YamlTree, found: FileFindings) -> YamlTree:
    """A header as it was read, or after repair where it is no YAML."""
    if not header.closed:
        found.warn(
            "unclosed-header",
            "the header is never closed",
            "write a line --- after the last key",
            header.line,
        )
    if not tree.refused_for(SYNTAX_CODE):
        found.add_all(tree.diagnostics)
        return tree
    repaired = repair_header(header.text, found.file, first_line=header.line)
    again = read_yaml(repaired.text, found.file, first_line=header.line)
    if again.refusal:
        found.add_all(
            tree.diagnostics if again.refused_for(SYNTAX_CODE) else again.diagnostics
        )
        return again
    found.add_all((*repaired.diagnostics, *again.diagnostics))
    return replace(again, dropped=repaired.dropped)


def _may_be_text(header: Header, found: FileFindings) -> bool:
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
    found.report(
        Severity.ERROR if glued else Severity.WARNING,
        "header-not-keys",
        what,
        hint,
        header.line,
    )
    return not glued


def _merge_headers(layout: Layout, trees: Sequence[YamlTree]) -> Document:
    """Inner headers count before outer ones; without a body the key `prompt` is one."""
    values: dict[str, Value] = {}
    lines: dict[KeyPath, int] = {}
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


def _check_body_size(document: Document, found: FileFindings) -> Document | None:
    length = len(document.body)
    if length * 4 > MAX_BODY_BYTES and len(document.body.encode()) > MAX_BODY_BYTES:
        found.error(
            "body-too-large",
            "the body is larger than 1 MiB",
            "split the file",
            document.body_line,
        )
        return None
    if length > MAX_BODY_CHARACTERS:
        what = f"the body has {length:,} characters, more than {MAX_BODY_CHARACTERS:,}"
        found.warn(
            "long-body",
            what,
            "move parts into files that are read on demand",
            document.body_line,
        )
    return document
