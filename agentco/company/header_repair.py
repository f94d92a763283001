"""A header that is not YAML, repaired line by line without inventing anything (FORMATS section 10)."""

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from json import dumps

from msgspec import Struct

from agentco.company import source_file, strict_yaml, yaml_values
from agentco.kernel.errors import Diagnostic

_KEY = re.compile(
    r"""(?P<key>[A-Za-z_][\w.$-]*|"[^"]+"|'[^']+'|[A-Za-z_][\w .&/()-]*(?=:\s*$)):(?:\s+(?P<value>.*))?$"""
)
_BROKEN_BLOCK = re.compile(r"""["'`]?[|>][+-]?["'`]?$""")
_ITEM = re.compile(r"\s*-\s+(.*)$")
_SURROUNDING_MARKS = " \t`'\""


class RepairedHeader(Struct, frozen=True, kw_only=True):
    """A header of as many lines as before; `dropped` are the keys whose value could not be saved."""

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
        """The lines under the key that say something."""
        return [
            s for row in self.lines[1:] if (s := row.strip()) and not s.startswith("#")
        ]


def repair_header(text: str, file: str, *, first_line: int) -> RepairedHeader:
    """Quote what keeps a header from being YAML. Only for text that `read_yaml` refused for its syntax."""
    found, dropped = source_file.FileFindings(file), set[str]()
    rows: list[str] = []
    for segment in _split_segments(text.split("\n"), first_line):
        row = _repair_segment(segment, found, dropped)
        kept = [line.replace("\t", "  ") for line in segment.lines]
        rows += kept if row is None else [row, *[""] * (len(kept) - 1)]
    return RepairedHeader(
        text="\n".join(rows),
        diagnostics=tuple(found.diagnostics),
        dropped=frozenset(dropped),
    )


def _split_segments(rows: list[str], first_line: int) -> Iterator[_Segment]:
    starts = [i for i, row in enumerate(rows) if _KEY.match(row)]
    if not starts or starts[0] > 0:
        yield _Segment(lines=rows[: starts[0] if starts else None], line=first_line)
    for start, end in pairwise([*starts, len(rows)]):
        match = _KEY.match(rows[start].replace("\t", "  "))
        key, value = (match["key"], match["value"] or "") if match else ("", "")
        yield _Segment(
            lines=rows[start:end], line=first_line + start, key=key, value=value.strip()
        )


def _repair_segment(
    segment: _Segment, found: source_file.FileFindings, dropped: set[str]
) -> str | None:
    """The segment as one line, or None where it may stay; tells what was done."""
    raw = "\n".join(segment.lines)
    spaced = raw.replace("\t", "  ")
    if not segment.key or _is_valid_yaml(spaced):
        if spaced != raw and not _is_valid_yaml(raw):
            what = f"the value of {segment.key!r} was indented with tabs"
            found.warn("repaired-header", what, "indent with spaces", segment.line)
        return None
    return _rewrite_segment(segment, found, dropped)


def _is_valid_yaml(text: str) -> bool:
    """Whether a segment is fine alone; a forbidden reference counts, so that the whole header is refused."""
    tree = strict_yaml.read_yaml(text, "")
    if tree.refusal:
        return tree.refusal.code != strict_yaml.SYNTAX_CODE
    return isinstance(tree.value, dict) and len(tree.value) == 1


def _rewrite_segment(
    segment: _Segment, found: source_file.FileFindings, dropped: set[str]
) -> str:
    key, value, below = segment.key, segment.value, segment.content_below
    if value.startswith("["):
        new = _flow_list(
            part.strip(_SURROUNDING_MARKS + "[]")
            for part in yaml_values.split_outside_quotes(" ".join([value, *below]))
        )
    elif not value and below and all(_ITEM.match(row) for row in below):
        new = _flow_list(
            _ITEM.sub(r"\1", row).strip(_SURROUNDING_MARKS) for row in below
        )
    elif not value:
        dropped.add(key.strip("\"'"))
        what = f"the value of {key!r} cannot be read and was dropped"
        found.warn("dropped-key", what, "write it as YAML", segment.line)
        return ""
    else:
        new = _json_quoted(_unquoted_scalar(key, value, below))
    what = f"the value of {key!r} was not YAML; it was put in quotes"
    found.warn(
        "repaired-header", what, f"write {key}: with its value in quotes", segment.line
    )
    return f"{key}: {new}"


def _flow_list(items: Iterable[str]) -> str:
    return f"[{', '.join(_json_quoted(item) for item in items if item)}]"


def _json_quoted(text: str) -> str:
    return dumps(text, ensure_ascii=False)


def _unquoted_scalar(key: str, value: str, below: Sequence[str]) -> str:
    rows = below if below and _BROKEN_BLOCK.match(value) else [value, *below]
    text = " ".join(rows).strip().removeprefix(f"{key}: ").strip()
    quote = text[:1]
    if quote not in {"'", '"', "`"}:
        return text
    inner = text[1:-1] if len(text) > 1 and text.endswith(quote) else text[1:]
    return inner.replace("''", "'") if quote == "'" else inner
