"""Repairs a header that is not YAML, line by line, inventing nothing (FORMATS section 10)."""

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise
from json import dumps

from msgspec import Struct

from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.strict_yaml import SYNTAX_CODE, read_yaml
from agentco.file_formats.yaml_values import split_outside_quotes
from agentco.kernel.errors import Diagnostic

_NAME = r"""[A-Za-z_][\w.$-]*|"[^"]+"|'[^']+'|[A-Za-z_][\w .&/()-]*(?=:\s*$)"""
_KEY = re.compile(rf"(?P<key>{_NAME}):(?:\s+(?P<value>.*))?$")
_BROKEN_BLOCK = re.compile(r"""["'`]?[|>][+-]?["'`]?$""")
_ITEM = re.compile(r"\s*-\s+(.*)$")
_SURROUNDING_MARKS = " \t`'\""


class RepairedHeader(Struct, frozen=True, kw_only=True):
    """A header of as many lines as before; `dropped` are the keys whose value was lost."""

    text: str
    diagnostics: tuple[Diagnostic, ...]
    dropped: frozenset[str]


class _Segment(Struct, frozen=True, kw_only=True):
    """A key and the lines that belong to it."""

    lines: Sequence[str]
    line: int
    key: str = ""
    value: str = ""

    @property
    def content_below(self) -> list[str]:
        """The lines under the key that are neither blank nor comments."""
        rows = [row.strip() for row in self.lines[1:]]
        return [row for row in rows if row and not row.startswith("#")]


def repair_header(text: str, file: str, *, first_line: int) -> RepairedHeader:
    """Quote what keeps a header from being YAML, if `read_yaml` refused it for its syntax."""
    findings = FileFindings(file)
    dropped: set[str] = set()
    rows: list[str] = []
    for segment in _split_segments(text.split("\n"), first_line):
        row = _repair_segment(segment, findings, dropped)
        if row is None:
            rows += [_with_spaces(line) for line in segment.lines]
        else:
            rows += [row, *[""] * (len(segment.lines) - 1)]
    return RepairedHeader(
        text="\n".join(rows),
        diagnostics=tuple(findings.diagnostics),
        dropped=frozenset(dropped),
    )


def _with_spaces(text: str) -> str:
    return text.replace("\t", "  ")


def _split_segments(rows: list[str], first_line: int) -> Iterator[_Segment]:
    """The header key by key; lines before the first key are a segment without one."""
    starts = [i for i, row in enumerate(rows) if _KEY.match(row)]
    first = starts[0] if starts else len(rows)
    if first > 0:
        yield _Segment(lines=rows[:first], line=first_line)
    for start, end in pairwise([*starts, len(rows)]):
        match = _KEY.match(_with_spaces(rows[start]))
        yield _Segment(
            lines=rows[start:end],
            line=first_line + start,
            key=match["key"] if match else "",
            value=(match["value"] or "").strip() if match else "",
        )


def _repair_segment(
    segment: _Segment, findings: FileFindings, dropped: set[str]
) -> str | None:
    """The segment as one line, or None if it may stay; reports what was done."""
    raw = "\n".join(segment.lines)
    spaced = _with_spaces(raw)
    if segment.key and not _is_valid_yaml(spaced):
        return _rewrite_segment(segment, findings, dropped)
    if spaced != raw and not _is_valid_yaml(raw):
        what = f"the value of {segment.key!r} was indented with tabs"
        findings.warn("repaired-header", what, "indent with spaces", segment.line)
    return None


def _is_valid_yaml(text: str) -> bool:
    """Whether a segment needs no repair; a forbidden reference is left to refuse the header."""
    tree = read_yaml(text, "")
    if tree.refusal:
        return tree.refusal.code != SYNTAX_CODE
    return isinstance(tree.value, dict) and len(tree.value) == 1


def _rewrite_segment(
    segment: _Segment, findings: FileFindings, dropped: set[str]
) -> str:
    key = segment.key
    below = segment.content_below
    if segment.value.startswith("["):
        text = " ".join([segment.value, *below])
        marks = _SURROUNDING_MARKS + "[]"
        quoted = _flow_list([item.strip(marks) for item in split_outside_quotes(text)])
    elif segment.value:
        quoted = _json_quoted(_unquoted_scalar(key, segment.value, below))
    elif below and all(_ITEM.match(row) for row in below):
        items = [_ITEM.sub(r"\1", row).strip(_SURROUNDING_MARKS) for row in below]
        quoted = _flow_list(items)
    else:
        dropped.add(key.strip("\"'"))
        what = f"the value of {key!r} cannot be read and was dropped"
        findings.warn("dropped-key", what, "write it as YAML", segment.line)
        return ""
    what = f"the value of {key!r} was not YAML; it was put in quotes"
    hint = f"write {key}: with its value in quotes"
    findings.warn("repaired-header", what, hint, segment.line)
    return f"{key}: {quoted}"


def _flow_list(items: Sequence[str]) -> str:
    return f"[{', '.join(_json_quoted(item) for item in items if item)}]"


def _json_quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False)


def _unquoted_scalar(key: str, value: str, below: Sequence[str]) -> str:
    """A value with the lines below it, without the quotes around it and a repeated key."""
    is_block = bool(below) and bool(_BROKEN_BLOCK.match(value))
    rows = below if is_block else [value, *below]
    text = " ".join(rows).strip().removeprefix(f"{key}: ").strip()
    quote = text[:1]
    if quote not in {"'", '"', "`"}:
        return text
    has_end = len(text) > 1 and text.endswith(quote)
    inner = text[1:-1] if has_end else text[1:]
    return inner.replace("''", "'") if quote == "'" else inner
