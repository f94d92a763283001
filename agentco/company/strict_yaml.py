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

LARGEST = 64 * 1024
DEEPEST = 20
MOST_OPEN = 200
SYNTAX = "yaml-syntax"
CONFLICT = "conflict-markers"
_CONFLICT = re.compile(r"^(?:<{7}|={7}|>{7}|\|{7})(?:[ \t].*)?$", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")
_CONSTANTS = {"true": True, "false": False, "null": None, "~": None, "": None}
_LOADER = yaml.CBaseLoader if yaml.__with_libyaml__ else yaml.BaseLoader


class _Refused(Exception):
    """The text must not be used; the arguments are those of `Findings.error`."""


def read_yaml(text: str, file: str, *, first_line: int = 1) -> yaml_values.Tree:
    """Read a header or a whole settings file; `first_line` is where `text` begins in `file`.

    A text that must not be used gives the value None and a `refusal`; of a key given twice the last counts.
    """
    found = source_file.Findings(file)
    lines: dict[yaml_values.Where, int] = {}
    value: yaml_values.Value = None
    try:
        _refuse(text, first_line)
        value = _Builder(text, found, first_line, lines).document()
    except _Refused as refused:
        found.error(*refused.args)
    return yaml_values.Tree(
        value=value, lines=lines, diagnostics=tuple(found.diagnostics)
    )


def _refuse(text: str, first_line: int) -> None:
    """Refuses what is too large or too deep, and what git left when two versions did not fit."""
    if len(text) > LARGEST or len(text.encode()) > LARGEST:
        raise _Refused(
            "yaml-large",
            "more than 64 KiB of YAML",
            "move long text out of the header",
            first_line,
        )
    if (line := _too_many_open(text)) is not None:
        what = f"more than {MOST_OPEN} brackets are open at once"
        raise _Refused("yaml-deep", what, "flatten the value", line + first_line)
    if "<<<<<<<" not in text and ">>>>>>>" not in text:
        return
    marks = [
        (m[0], text.count("\n", 0, m.start()) + first_line)
        for m in _CONFLICT.finditer(text)
    ]
    if any(mark[0] in "<>" for mark, _ in marks):
        what = (
            f"git conflict markers on lines {', '.join(str(line) for _, line in marks)}"
        )
        raise _Refused(
            CONFLICT, what, "keep one side and delete the marker lines", marks[0][1]
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


class _Builder:
    """Turns parser events into values; remembers the lines of keys and the first anchor, alias or tag."""

    def __init__(
        self,
        text: str,
        found: source_file.Findings,
        first_line: int,
        lines: dict[yaml_values.Where, int],
    ) -> None:
        self.events: Iterator[told.Event] = iter(yaml.parse(text, _LOADER))
        self.found = found
        self.first_line = first_line
        self.lines = lines
        self.reference: int | None = None

    def document(self) -> yaml_values.Value:
        """The value of the only document; all events are taken, so that syntax errors show first."""
        try:
            value = self._document()
        except yaml.MarkedYAMLError as error:
            line = self.first_line + (
                error.problem_mark.line if error.problem_mark else 0
            )
            raise _Refused(
                SYNTAX, f"not YAML: {error.problem}", "put the value in quotes", line
            ) from None
        except yaml.YAMLError:
            what = "not YAML: a character that YAML does not allow"
            raise _Refused(
                SYNTAX, what, "remove the control character", self.first_line
            ) from None
        if self.reference is not None:
            what = "YAML anchors, aliases and tags are not read"
            raise _Refused(
                "yaml-reference",
                what,
                "write the value out, or put it in quotes",
                self.reference,
            )
        return value

    def _document(self) -> yaml_values.Value:
        value: yaml_values.Value = None
        begun = False
        for event in self.events:
            if isinstance(event, told.DocumentStartEvent):
                if begun:
                    raise _Refused(
                        SYNTAX,
                        "not YAML: a second document begins",
                        "keep one document",
                        self._line(event),
                    )
                begun = True
            elif isinstance(event, told.NodeEvent):
                value = self._value(event, ())
        return value

    def _value(self, event: told.Event, where: yaml_values.Where) -> yaml_values.Value:
        self._note_reference(event)
        if isinstance(event, told.ScalarEvent):
            plain = not event.style and event.implicit[0]
            return (
                _CONSTANTS.get(event.value, event.value)
                if plain
                else yaml_values.Quoted(event.value)
            )
        if isinstance(event, told.AliasEvent):
            return None
        if len(where) >= DEEPEST:
            raise _Refused(
                "yaml-deep",
                f"more than {DEEPEST} levels deep",
                "flatten the value",
                self._line(event),
            )
        return (
            self._list(where)
            if isinstance(event, told.SequenceStartEvent)
            else self._mapping(where)
        )

    def _list(self, where: yaml_values.Where) -> list[yaml_values.Value]:
        items: list[yaml_values.Value] = []
        while not isinstance(event := next(self.events), told.SequenceEndEvent):
            here = (*where, len(items))
            self.lines[here] = self._line(event)
            items.append(self._value(event, here))
        return items

    def _mapping(self, where: yaml_values.Where) -> dict[str, yaml_values.Value]:
        items: dict[str, yaml_values.Value] = {}
        repeated: set[str] = set()
        while not isinstance(event := next(self.events), told.MappingEndEvent):
            key, line = self._key(event), self._line(event)
            here = (*where, key)
            if key in items and key not in repeated:
                repeated.add(key)
                what = f"the key {key!r} stands again (first on line {self.lines[here]}), the last one counts"
                self.found.warn("duplicate-key", what, "keep one of them", line)
            self.lines[here] = line
            items[key] = self._value(next(self.events), here)
        return items

    def _key(self, event: told.Event) -> str:
        self._note_reference(event)
        if isinstance(event, told.SequenceStartEvent | told.MappingStartEvent):
            raise _Refused(
                "yaml-key",
                "a key is a list or a map",
                "use plain keys",
                self._line(event),
            )
        return event.value if isinstance(event, told.ScalarEvent) else ""

    def _note_reference(self, event: told.Event) -> None:
        if self.reference is None and (
            getattr(event, "anchor", None) or getattr(event, "tag", None)
        ):
            self.reference = self._line(event)

    def _line(self, event: told.Event) -> int:
        return self.first_line + (event.start_mark.line if event.start_mark else 0)
