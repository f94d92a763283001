"""A Markdown file as header values and body. What is broken is repaired or refused, never passed over."""

import re

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.characters import INVISIBLE
from agentco.company.decode import decode
from agentco.company.layout import Header, Layout, cut, leading_keys
from agentco.company.leaks import leaks
from agentco.company.plain import CONFLICT, SYNTAX, read_yaml
from agentco.company.repair import repair
from agentco.company.source import Findings, Source
from agentco.company.values import Tree, Value, Where
from agentco.errors import Diagnostic

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


class _Read(Struct, frozen=True, kw_only=True):
    """One header, read; `lines_used` is where it really ends when it ran into the body."""

    tree: Tree
    dropped: frozenset[str] = frozenset()
    lines_used: int | None = None


def read_text(source: Source, found: Findings) -> str | None:
    """The text of any company file, with warnings about what must not be in one."""
    text = decode(source, found)
    if text is None:
        return None
    if not text.isascii() and (first := INVISIBLE.search(text)):
        line = text.count("\n", 0, first.start()) + 1
        what = f"{len(INVISIBLE.findall(text))} invisible characters, the first is {ascii(first[0])[1:-1]}"
        found.warn("invisible-characters", what, "delete them: a model reads what you do not see", line)
    if not source.path.startswith("~/"):
        found.add(leak_warnings(source.path, text))
    return text


def leak_warnings(file: str, text: str) -> list[Diagnostic]:
    """A warning for each API key in a file that git keeps; the key itself is never shown."""
    found = Findings(file)
    for line, vendor in leaks(text):
        what = f"this looks like an API key ({vendor})"
        found.warn("key-in-file", what, "revoke it, and name an environment variable instead", line)
    return found.diagnostics


def read_document(source: Source, found: Findings, *, plain: bool = False) -> Document | None:
    """Header and body; None when the file must be left out.

    A `plain` file needs no header: what stands between rules is one only when it is a mapping.
    """
    text = read_text(source, found)
    if text is None:
        return None
    document = _plain(text, found) if plain else _headed(text, found)
    return _checked(document, found) if document else None


def _plain(text: str, found: Findings) -> Document | None:
    layout = cut(text)
    trees = [read_yaml(h.text, found.file, first_line=h.line) for h in layout.headers if h.closed]
    if conflict := next((t.refusal for t in trees if t.refusal and t.refusal.code == CONFLICT), None):
        found.add([conflict])
        return None
    if trees and all(isinstance(t.value, dict) for t in trees):
        return _joined(layout, [_Read(tree=t) for t in trees])
    return _without(text)


def _headed(text: str, found: Findings) -> Document | None:
    layout = cut(text)
    reads = [_read_header(header, found) for header in layout.headers]
    if any(r.tree.refusal for r in reads):
        return None
    if reads and not isinstance(reads[-1].tree.value, dict | None):
        return _not_a_mapping(text, layout.headers[-1], found)
    if (cut_short := reads[-1].lines_used if reads else None) is not None:
        layout = _ended(text, layout, cut_short)
    if not layout.headers:
        return _without(text) if layout.body_line == 1 else _joined(layout, [])
    return _joined(layout, reads)


def _without(text: str) -> Document:
    return Document(values={}, lines={}, headed=False, dropped=frozenset(), body=text, body_line=1)


def _joined(layout: Layout, reads: list[_Read]) -> Document:
    """Inner headers count before outer ones; without a body the key `prompt` is one."""
    values: dict[str, Value] = {}
    lines: dict[Where, int] = {}
    for read in reads:
        values |= read.tree.value if isinstance(read.tree.value, dict) else {}
        lines |= read.tree.lines
    body, body_line = layout.body, layout.body_line
    if not body.strip() and isinstance(prompt := values.get("prompt"), str):
        body, body_line = prompt, lines["prompt",] + 1
        del values["prompt"]
    dropped = frozenset[str]().union(*(r.dropped for r in reads))
    return Document(
        values=values, lines=lines, headed=bool(reads), dropped=dropped, body=body, body_line=body_line
    )


def _read_header(header: Header, found: Findings) -> _Read:
    tree = read_yaml(header.text, found.file, first_line=header.line)
    if not header.closed:
        hint = "write a line --- after the last key"
        found.warn("unclosed-header", "the header is never closed", hint, header.line)
    if not tree.refusal or tree.refusal.code != SYNTAX:
        found.add(tree.diagnostics)
        return _Read(tree=tree)
    keys = leading_keys(header.text)
    if header.closed and keys and _runs_into_body(header.text, keys):
        short = Header(text="\n".join(header.text.split("\n")[:keys]), line=header.line, closed=False)
        return replace(_read_header(short, found), lines_used=keys)
    return _repaired(header, tree, found)


def _runs_into_body(text: str, keys: int) -> bool:
    """Whether a heading follows the keys: then the closing rule is one of the body's own."""
    rest = "\n".join(text.split("\n")[keys:])
    return bool(re.match(r"\s*\n#{1,6} \S", rest))


def _repaired(header: Header, broken: Tree, found: Findings) -> _Read:
    mended = repair(header.text, found.file, first_line=header.line)
    tree = read_yaml(mended.text, found.file, first_line=header.line)
    if tree.refusal:
        found.add(broken.diagnostics if tree.refusal.code == SYNTAX else tree.diagnostics)
        return _Read(tree=tree)
    found.add((*mended.diagnostics, *tree.diagnostics))
    return _Read(tree=tree, dropped=mended.dropped)


def _not_a_mapping(text: str, header: Header, found: Findings) -> Document | None:
    if _GLUED_KEY.search(header.text):
        hint = "write a space after each colon"
        found.error("header-not-keys", "the header holds no keys, only text", hint, header.line)
        return None
    hint = "write keys between the rules, or delete the rules"
    found.warn("header-not-keys", "what stands between the rules is no list of keys", hint, header.line)
    return _without(text)


def _ended(text: str, layout: Layout, keys: int) -> Layout:
    header = layout.headers[-1]
    start = header.line - 1 + keys
    return Layout(headers=layout.headers, body="\n".join(text.split("\n")[start:]), body_line=start + 1)


def _checked(document: Document, found: Findings) -> Document | None:
    length = len(document.body)
    if length * 4 > LARGEST_BODY and len(document.body.encode()) > LARGEST_BODY:
        found.error("body-too-large", "the body is larger than 1 MiB", "split the file", document.body_line)
        return None
    if length > LONGEST_BODY:
        what = f"the body has {length:,} characters, more than {LONGEST_BODY:,}"
        found.warn("long-body", what, "move parts into files that are read on demand", document.body_line)
    return document
