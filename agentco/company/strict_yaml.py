"""YAML without surprises: text stays text, every key knows its line, nothing refers to anything else.

Only `true` and `false` are booleans, and `null`, `~` and nothing are null; dates, numbers, `yes` and `on`
stay strings. Anchors, aliases and tags are refused, and so are more than 20 levels and more than 64 KiB,
so that no header costs more than milliseconds. Parsers look far ahead and give up at depths of their own, each
with other words, so open brackets are counted before one of them sees the text.
"""

import re
from collections.abc import Iterator

import yaml
from yaml import events as told

from agentco.company import source_file, yaml_values

MAX_YAML_BYTES = 64 * 1024
MAX_YAML_DEPTH = 20
MOST_OPEN = 200
SYNTAX_CODE = "yaml-syntax"
CONFLICT_CODE = "conflict-markers"
_CONFLICT_MARKER = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t].*)?$", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class _RefusedYaml(Exception):
    """The text must not be used; the arguments are those of `Findings.error`."""


def read_yaml(text: str, file: str, *, first_line: int = 1) -> yaml_values.YamlTree:
    """Read a header or a whole settings file; `first_line` is where `text` begins in `file`.

    A text that must not be used gives the value None and a `refusal`; of a key given twice the last counts.
    """
    found = source_file.FileFindings(file)
    lines: dict[yaml_values.KeyPath, int] = {}
    value: yaml_values.Value = None
    try:
        _refuse_unusable(text, first_line)
        value = _YamlBuilder(text, found, first_line, lines).build_document()
    except _RefusedYaml as refused:
        found.error(*refused.args)
    return yaml_values.YamlTree(
        value=value, lines=lines, diagnostics=tuple(found.diagnostics)
    )


def _refuse_unusable(text: str, first_line: int) -> None:
    """Refuses what is too large or too deep, and what git left when two versions did not fit."""
    if len(text) > MAX_YAML_BYTES or len(text.encode()) > MAX_YAML_BYTES:
        raise _RefusedYaml(
            "yaml-large",
            "more than 64 KiB of YAML",
            "move long text out of the header",
            first_line,
        )
    if (line := _too_many_open(text)) is not None:
        what = f"more than {MOST_OPEN} brackets are open at once"
        raise _RefusedYaml("yaml-deep", what, "flatten the value", line + first_line)
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    marks = [
        (m[0], text.count("\n", 0, m.start()) + first_line)
        for m in _CONFLICT_MARKER.finditer(text)
    ]
    if any(mark[0] in "<>" for mark, _ in marks):
        what = (
            f"git conflict markers on lines {', '.join(str(line) for _, line in marks)}"
        )
        raise _RefusedYaml(
            CONFLICT_CODE,
            what,
            "keep one side and delete the marker lines",
            marks[0][1],
        )


def _too_many_open(text: str) -> int | None:
    """Where more brackets are open than any header has levels, wherever they stand; lines count from 0."""
    if text.count("[") + text.count("{") <= MOST_OPEN:
        return None
    open_ = 0
    for bracket in _BRACKET.finditer(text):
        open_ = open_ + 1 if bracket[0] in "[{" else max(0, open_ - 1)
        if open_ > MOST_OPEN:
            return text.count("\n", 0, bracket.start())
    return None


class _YamlBuilder:
    """Turns parser events into values; remembers the lines of keys and the first anchor, alias or tag."""

    def __init__(
        self,
        text: str,
        found: source_file.FileFindings,
        first_line: int,
        lines: dict[yaml_values.KeyPath, int],
    ) -> None:
        self.events: Iterator[told.Event] = iter(yaml.parse(text, _LOADER))
        self.found = found
        self.first_line = first_line
        self.lines = lines
        self.reference: int | None = None

    def build_document(self) -> yaml_values.Value:
        """The value of the only document; all events are taken, so that syntax errors show first."""
        try:
            value = self._read_document()
        except yaml.MarkedYAMLError as error:
            line = self.first_line + (
                error.problem_mark.line if error.problem_mark else 0
            )
            raise _RefusedYaml(
                SYNTAX_CODE,
                f"not YAML: {error.problem}",
                "put the value in quotes",
                line,
            ) from None
        except yaml.YAMLError:
            what = "not YAML: a character that YAML does not allow"
            raise _RefusedYaml(
                SYNTAX_CODE, what, "remove the control character", self.first_line
            ) from None
        if self.reference is not None:
            what = "YAML anchors, aliases and tags are not read"
            raise _RefusedYaml(
                "yaml-reference",
                what,
                "write the value out, or put it in quotes",
                self.reference,
            )
        return value

    def _read_document(self) -> yaml_values.Value:
        value: yaml_values.Value = None
        begun = False
        for event in self.events:
            if isinstance(event, told.DocumentStartEvent):
                if begun:
                    raise _RefusedYaml(
                        SYNTAX_CODE,
                        "not YAML: a second document begins",
                        "keep one document",
                        self._line_of(event),
                    )
                begun = True
            elif isinstance(event, told.NodeEvent):
                value = self._build_value(event, ())
        return value

    def _build_value(
        self, event: told.Event, where: yaml_values.KeyPath
    ) -> yaml_values.Value:
        self._note_reference(event)
        if isinstance(event, told.ScalarEvent):
            plain = not event.style and event.implicit[0]
            return (
                _CONSTANTS.get(event.value, event.value)
                if plain
                else yaml_values.QuotedText(event.value)
            )
        if isinstance(event, told.AliasEvent):
            return None
        if len(where) >= MAX_YAML_DEPTH:
            raise _RefusedYaml(
                "yaml-deep",
                f"more than {MAX_YAML_DEPTH} levels deep",
                "flatten the value",
                self._line_of(event),
            )
        return (
            self._build_list(where)
            if isinstance(event, told.SequenceStartEvent)
            else self._build_mapping(where)
        )

    def _build_list(self, where: yaml_values.KeyPath) -> list[yaml_values.Value]:
        items: list[yaml_values.Value] = []
        while not isinstance(event := next(self.events), told.SequenceEndEvent):
            here = (*where, len(items))
            self.lines[here] = self._line_of(event)
            items.append(self._build_value(event, here))
        return items

    def _build_mapping(
        self, where: yaml_values.KeyPath
    ) -> dict[str, yaml_values.Value]:
        items: dict[str, yaml_values.Value] = {}
        repeated: set[str] = set()
        while not isinstance(event := next(self.events), told.MappingEndEvent):
            key, line = self._key_text(event), self._line_of(event)
            here = (*where, key)
            if key in items and key not in repeated:
                repeated.add(key)
                what = f"the key {key!r} stands again (first on line {self.lines[here]}), the last one counts"
                self.found.warn("duplicate-key", what, "keep one of them", line)
            self.lines[here] = line
            items[key] = self._build_value(next(self.events), here)
        return items

    def _key_text(self, event: told.Event) -> str:
        self._note_reference(event)
        if isinstance(event, told.SequenceStartEvent | told.MappingStartEvent):
            raise _RefusedYaml(
                "yaml-key",
                "a key is a list or a map",
                "use plain keys",
                self._line_of(event),
            )
        return event.value if isinstance(event, told.ScalarEvent) else ""

    def _note_reference(self, event: told.Event) -> None:
        if self.reference is None and (
            getattr(event, "anchor", None) or getattr(event, "tag", None)
        ):
            self.reference = self._line_of(event)

    def _line_of(self, event: told.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)
