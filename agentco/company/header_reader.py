"""A Markdown file on its way to a record: its keys, taken one by one with the type they need."""

import re
from collections.abc import Iterable, Mapping, Set as AbstractSet
from typing import Any, TypeVar

from msgspec import Struct

from agentco.company.file_locations import FileLocation
from agentco.company.model_labels import read_label
from agentco.company.tool_names import OWN_NAMES, ToolList, read_tools
from agentco.file_formats.document import Document
from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.struct_reader import StructReader
from agentco.file_formats.yaml_values import Value, split_list, value_as_text
from agentco.kernel import characters
from agentco.kernel.names import id_problem, name_problem

V = TypeVar("V")
S = TypeVar("S", bound=Struct)
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"^[#>\s*-]+")
_MAX_SUMMARY_CHARACTERS = 300


class PageContext(Struct, frozen=True, kw_only=True):
    """What other files say: the names of the company's servers, and all texts by path."""

    servers: frozenset[str]
    texts: Mapping[str, str]


class MarkdownPage:
    """A file's keys: look-up ignores case and knows aliases; what nobody takes is `extra`."""

    def __init__(
        self,
        path: str,
        place: FileLocation,
        document: Document,
        findings: FileFindings,
        context: PageContext,
    ) -> None:
        self.path = path
        self.stem = place.stem_of(path)
        self.place = place
        self.document = document
        self.findings = findings
        self.context = context
        self.reader = StructReader(findings, document.lines, foreign=True)
        self._lines: dict[str, int] = {}
        self._extra = dict(document.values)
        # of two spellings that differ in case only, the first counts
        self._spelling = {key.lower(): key for key in reversed(document.values)}

    def build_record(self, kind: type[S], **values: Any) -> S:
        """A record with these values and its source. Call it last: what is left is extra."""
        lines = {key: self.document.lines[key,] for key in self._extra}
        lines.update(self._lines)
        return kind(
            file=self.path,
            dialect=self.place.dialect,
            lines=lines,
            body=self.document.body,
            body_line=self.document.body_line,
            extra=self._extra,
            **values,
        )

    def raw_value(self, key: str, *aliases: str) -> Value:
        """The value under the first of these names that has one; None if none has."""
        return self._look_up(key, *aliases)[1]

    def typed_value(self, kind: type[V], key: str, *aliases: str) -> V | None:
        """The value as `kind`; None if it is absent, or something else, which is reported."""
        spelling, value = self._look_up(key, *aliases)
        if value is None:
            return None
        return self.reader.read_value(kind, value, (spelling,))

    def _look_up(self, key: str, *aliases: str) -> tuple[str, Value]:
        """The key as the file spells it, and its value; both are no longer extra."""
        values = self.document.values
        for name in (key, *aliases):
            spelling = self._spell(name)
            self._extra.pop(spelling, None)
            value = values.get(spelling)
            if value is not None:
                self._lines[key] = self.document.lines[spelling,]
                return spelling, value
        return key, None

    def _spell(self, key: str) -> str:
        """A key as the file spells it."""
        if key in self.document.values:
            return key
        return self._spelling.get(key.lower(), key)

    def extra_value(self, key: str) -> tuple[Value, int | None]:
        """A value that stays extra, and its line."""
        spelling = self._spell(key)
        value = self.document.values.get(spelling)
        return value, self.document.lines.get((spelling,))

    def text_value(self, key: str, *aliases: str) -> str:
        """A string, without space around it; empty if it is absent."""
        return self.typed_value(str, key, *aliases) or ""

    def string_list(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, or one string with commas; None if it is absent or wrong."""
        return self.typed_value(tuple[str, ...], key)

    def mapping_value(self, key: str) -> dict[str, Value]:
        """A map; empty if it is absent."""
        return self.typed_value(dict[str, Any], key) or {}

    def line_of(self, key: str) -> int | None:
        """The line of the value that was taken for a key."""
        return self._lines.get(key)

    def is_lost(self, key: str) -> bool:
        """Whether the key was there but no repair could save its value."""
        return key.lower() in self.document.dropped

    def own_settings(self, kind: type[S]) -> S:
        """The `agentco:` map, read as strictly as the settings: a mistake leaves the file out."""
        spelling, value = self._look_up("agentco")
        if self.is_lost("agentco"):
            what = "agentco: could not be read"
            self.findings.error("wrong-type", what, "write `key: value` lines below it")
        for key in value if isinstance(value, dict) else ():
            self._lines[f"agentco.{key}"] = self.document.lines[spelling, key]
        reader = StructReader(self.findings, self.document.lines)
        return reader.read_struct(kind, value, (spelling,))

    def display_name(self) -> str:
        """The name in the header, else the file's stem. A forbidden name is an error."""
        self._refuse_name(self.stem, id_problem(self.stem), None)
        name = one_line(self.text_value("name"))
        if name:
            self._refuse_name(name, name_problem(name), self.line_of("name"))
        return name or self.stem

    def _refuse_name(self, name: str, reason: str | None, line: int | None) -> None:
        if reason:
            what = f"the name {name!r} {reason}"
            self.findings.error("refused-name", what, "give it another name", line)

    def description(self) -> str:
        """The description, on one line; empty if the header has none."""
        return one_line(self.text_value("description"))

    def argument_hint(self) -> str:
        """The usage line; `[file]` that YAML took for a list becomes `[file]` again."""
        value = self.raw_value("argument-hint")
        if isinstance(value, list):
            return f"[{', '.join(map(str, value))}]"
        return one_line(value) if isinstance(value, str) else ""

    def model_labels(self) -> tuple[str, ...]:
        """The labels of the models a header asks for, best first; unknown ones are reported."""
        value = self.raw_value("model")
        labels: list[str] = []
        for item in value if isinstance(value, list) else [value]:
            if isinstance(item, str):
                for part in item.split("|"):
                    labels += split_list(part)
        unknown = [label for label in labels if not read_label(label).known]
        if unknown:
            names = _quoted_list(unknown)
            what = f"unknown model {names}: the tier medium is used"
            hint = "agentco: {tier: …} sets the tier"
            self.findings.info("unknown-model", what, hint, self.line_of("model"))
        return tuple(labels)

    def tool_list(self, servers: AbstractSet[str] = frozenset()) -> ToolList | None:
        """The tools that a header lists; None if it does not say, no tool if it is unreadable."""
        value = self.raw_value("tools")
        if self.is_lost("tools"):
            what = "the list of tools cannot be read, so the agent gets none"
            self.findings.warn("no-tools", what, "write tools: [read]")
            return ToolList()
        if value is None:
            return None
        if isinstance(value, bool):
            return ToolList(everything=value)
        tools = read_tools(_tool_names(value), self.context.servers | servers)
        self._report_tools(tools)
        return tools

    def _report_tools(self, tools: ToolList) -> None:
        line = self.line_of("tools")
        if tools.ignored:
            what = f"only an editor knows {_quoted_list(tools.ignored)}"
            hint = "nothing to do: the agent works without them"
            self.findings.info("ignored-tool", what, hint, line)
        if tools.unknown:
            what = f"unknown: {_quoted_list(tools.unknown)}"
            hint = f"the names are {', '.join(OWN_NAMES)}; a tool of a server is server/tool"
            self.findings.info("unknown-tool", what, hint, line)


def _tool_names(value: Value) -> tuple[str, ...]:
    """The names in a list, a string with commas, or a map from names to true, maps in it too."""
    if isinstance(value, str):
        return split_list(value.strip().removeprefix("[").removesuffix("]"))
    if isinstance(value, list):
        return tuple(value_as_text(item) for item in value)
    if not isinstance(value, dict):
        return ()
    names = [key for key, granted in value.items() if granted is True]
    for group in value.values():
        if isinstance(group, dict):
            names += _tool_names(group)
    return tuple(names)


def _quoted_list(names: Iterable[str]) -> str:
    return ", ".join(map(repr, dict.fromkeys(names)))


def one_line(text: str) -> str:
    """One line without invisible characters."""
    visible = text if text.isascii() else characters.INVISIBLE.sub("", text)
    return _SPACE.sub(" ", visible).strip()


def summarize_body(body: str) -> str:
    """The first paragraph of a body that is no heading, else its first heading."""
    heading = ""
    for part in body.split("\n\n"):
        text = one_line(part)
        if text and not text.startswith(("#", "<!--", "```", "---")):
            return _MARKUP.sub("", text)[:_MAX_SUMMARY_CHARACTERS]
        if not heading:
            first_row = part.strip().split("\n")[0]
            heading = one_line(_MARKUP.sub("", first_row))
    return heading[:_MAX_SUMMARY_CHARACTERS]
