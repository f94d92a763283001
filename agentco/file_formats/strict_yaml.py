"""YAML without surprises: text stays text, every key has its line, nothing refers to anything else.

Only `true` and `false` are booleans, and `null`, `~` and nothing are null; dates, numbers, `yes`
and `on` stay strings. Anchors, aliases and tags are refused, and so are more than 20 levels and
more than 64 KiB, so that no header costs more than milliseconds. Parsers look far ahead and give
up at depths of their own, each with other words, so open brackets are counted before one of them
sees the text.
"""

import re
from collections.abc import Iterator, Mapping

import yaml
from yaml import events as yaml_events

from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.yaml_values import KeyPath, QuotedText, Value, YamlTree

MAX_YAML_BYTES = 64 * 1024
MAX_YAML_DEPTH = 20
MAX_OPEN_BRACKETS = 200
SYNTAX_CODE = "yaml-syntax"
CONFLICT_CODE = "conflict-markers"
_CONFLICT_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t].*)?$", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_TEXT_TAG = "tag:yaml.org,2002:str"
_LIST_TAG = "tag:yaml.org,2002:seq"
_MAPPING_TAG = "tag:yaml.org,2002:map"
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class _RefusedYaml(Exception):
    """The text must not be used; the arguments are those of `FileFindings.error`."""


def read_yaml(text: str, file: str, *, first_line: int = 1) -> YamlTree:
    """Read a header or a whole settings file; `first_line` is where `text` begins in `file`.

    A text that must not be used gives the value None and a `refusal`; of a repeated key the last
    value counts.
    """
    findings = FileFindings(file)
    lines: dict[KeyPath, int] = {}
    value: Value = None
    try:
        _refuse_unusable(text, first_line)
        value = _YamlBuilder(text, findings, first_line, lines).build_document()
    except _RefusedYaml as refused:
        findings.error(*refused.args)
    return YamlTree(value=value, lines=lines, diagnostics=tuple(findings.diagnostics))


def write_yaml(values: Mapping[str, Value]) -> str:
    """Write values so that `read_yaml` gives the same ones back, quoted where they were quoted."""
    return yaml.serialize(  # pyright: ignore[reportUnknownMemberType]  a stub that knows no node
        _yaml_node(dict(values)),
        Dumper=yaml.BaseDumper,
        allow_unicode=True,
        width=MAX_YAML_BYTES,
    )


def _yaml_node(value: Value) -> yaml.Node:
    if isinstance(value, dict):
        items = [(_text_node(key), _yaml_node(item)) for key, item in value.items()]
        return yaml.MappingNode(_MAPPING_TAG, items, flow_style=not items)
    if isinstance(value, list):
        nodes = [_yaml_node(item) for item in value]
        return yaml.SequenceNode(_LIST_TAG, nodes, flow_style=not nodes)
    if isinstance(value, str):
        return _text_node(value)
    constant = "null" if value is None else str(value).lower()
    return yaml.ScalarNode(_TEXT_TAG, constant)


def _text_node(text: str) -> yaml.ScalarNode:
    is_plain = text.splitlines() == [text] and text not in _CONSTANTS
    quoted = isinstance(text, QuotedText) or not is_plain
    return yaml.ScalarNode(_TEXT_TAG, str(text), style='"' if quoted else None)


def _refuse_unusable(text: str, first_line: int) -> None:
    """Refuse what is too large or too deep, and what git left when two versions conflicted."""
    if len(text) > MAX_YAML_BYTES or len(text.encode()) > MAX_YAML_BYTES:
        raise _RefusedYaml(
            "yaml-large",
            "more than 64 KiB of YAML",
            "move long text out of the header",
            first_line,
        )
    too_deep = _line_with_too_many_brackets(text)
    if too_deep is not None:
        raise _RefusedYaml(
            "yaml-deep",
            f"more than {MAX_OPEN_BRACKETS} brackets are open at once",
            "flatten the value",
            first_line + too_deep,
        )
    if "<<<<<<<" in text or ">>>>>>>" in text:
        _refuse_conflict_markers(text, first_line)


def _line_with_too_many_brackets(text: str) -> int | None:
    """Where more brackets are open than a header may have, wherever they stand; counts from 0."""
    if text.count("[") + text.count("{") <= MAX_OPEN_BRACKETS:
        return None
    depth = 0
    for bracket in _BRACKET.finditer(text):
        depth = depth + 1 if bracket[0] in "[{" else max(0, depth - 1)
        if depth > MAX_OPEN_BRACKETS:
            return text.count("\n", 0, bracket.start())
    return None


def _refuse_conflict_markers(text: str, first_line: int) -> None:
    """Refuse text with a whole line that is one of git's markers of a side."""
    markers = list(_CONFLICT_MARKER.finditer(text))
    lines = [first_line + text.count("\n", 0, marker.start()) for marker in markers]
    if any(marker[0][0] in "<>" for marker in markers):
        raise _RefusedYaml(
            CONFLICT_CODE,
            f"git conflict markers on lines {', '.join(map(str, lines))}",
            "keep one side and delete the marker lines",
            lines[0],
        )


class _YamlBuilder:
    """Turns parser events into values.

    Remembers the lines of keys and where the first anchor, alias or tag stands.
    """

    def __init__(
        self,
        text: str,
        findings: FileFindings,
        first_line: int,
        lines: dict[KeyPath, int],
    ) -> None:
        self.events: Iterator[yaml_events.Event] = iter(yaml.parse(text, _LOADER))
        self.findings = findings
        self.first_line = first_line
        self.lines = lines
        self.reference_line: int | None = None

    def build_document(self) -> Value:
        """The value of the only document; syntax errors anywhere come before other refusals."""
        try:
            value = self._read_document()
        except yaml.MarkedYAMLError as error:
            below = error.problem_mark.line if error.problem_mark else 0
            raise _RefusedYaml(
                SYNTAX_CODE,
                f"not YAML: {error.problem}",
                "put the value in quotes",
                self.first_line + below,
            ) from None
        except yaml.YAMLError:
            raise _RefusedYaml(
                SYNTAX_CODE,
                "not YAML: a character that YAML does not allow",
                "remove the control character",
                self.first_line,
            ) from None
        if self.reference_line is not None:
            raise _RefusedYaml(
                "yaml-reference",
                "YAML anchors, aliases and tags are not read",
                "write the value out, or put it in quotes",
                self.reference_line,
            )
        return value

    def _read_document(self) -> Value:
        value: Value = None
        has_begun = False
        for event in self.events:
            if isinstance(event, yaml_events.DocumentStartEvent):
                if has_begun:
                    raise _RefusedYaml(
                        SYNTAX_CODE,
                        "not YAML: a second document begins",
                        "keep one document",
                        self._line_of(event),
                    )
                has_begun = True
            elif isinstance(event, yaml_events.NodeEvent):
                value = self._build_value(event, ())
        return value

    def _build_value(self, event: yaml_events.Event, path: KeyPath) -> Value:
        self._note_reference(event)
        if isinstance(event, yaml_events.ScalarEvent):
            if event.style or not event.implicit[0]:
                return QuotedText(event.value)
            return _CONSTANTS.get(event.value, event.value)
        if isinstance(event, yaml_events.AliasEvent):
            return None
        if len(path) >= MAX_YAML_DEPTH:
            raise _RefusedYaml(
                "yaml-deep",
                f"more than {MAX_YAML_DEPTH} levels deep",
                "flatten the value",
                self._line_of(event),
            )
        if isinstance(event, yaml_events.SequenceStartEvent):
            return self._build_list(path)
        return self._build_mapping(path)

    def _build_list(self, path: KeyPath) -> list[Value]:
        items: list[Value] = []
        while not isinstance(event := next(self.events), yaml_events.SequenceEndEvent):
            item_path = (*path, len(items))
            self.lines[item_path] = self._line_of(event)
            items.append(self._build_value(event, item_path))
        return items

    def _build_mapping(self, path: KeyPath) -> dict[str, Value]:
        items: dict[str, Value] = {}
        repeated: set[str] = set()
        while not isinstance(event := next(self.events), yaml_events.MappingEndEvent):
            key = self._key_text(event)
            line = self._line_of(event)
            key_path = (*path, key)
            if key in items and key not in repeated:
                repeated.add(key)
                what = (
                    f"the key {key!r} stands again "
                    f"(first on line {self.lines[key_path]}), the last one counts"
                )
                self.findings.warn("duplicate-key", what, "keep one of them", line)
            self.lines[key_path] = line
            items[key] = self._build_value(next(self.events), key_path)
        return items

    def _key_text(self, event: yaml_events.Event) -> str:
        self._note_reference(event)
        if isinstance(event, yaml_events.ScalarEvent):
            return event.value
        if isinstance(event, yaml_events.AliasEvent):
            return ""
        raise _RefusedYaml(
            "yaml-key",
            "a key is a list or a map",
            "use plain keys",
            self._line_of(event),
        )

    def _note_reference(self, event: yaml_events.Event) -> None:
        if self.reference_line is None:
            refers = getattr(event, "anchor", None) or getattr(event, "tag", None)
            self.reference_line = self._line_of(event) if refers else None

    def _line_of(self, event: yaml_events.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)
