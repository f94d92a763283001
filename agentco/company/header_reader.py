"""A Markdown file on its way to a record: its keys, taken one by one with the type they should have."""

import re
from collections.abc import Mapping, Set as AbstractSet
from typing import Any, TypeVar

from msgspec import Struct

from agentco.company import source_file, struct_reader
from agentco.company.document import Document
from agentco.company.file_locations import FileLocation
from agentco.company.model_labels import read_label
from agentco.company.tool_names import OWN_NAMES, ToolList, read_tools
from agentco.company.yaml_values import Value, split_list, value_as_text
from agentco.kernel import characters
from agentco.kernel.names import id_problem, name_problem

V = TypeVar("V")
S = TypeVar("S", bound=Struct)
_SPACE = re.compile(r"\s+")
_MARKUP = re.compile(r"^[#>\s*-]+")
_MAX_SUMMARY_CHARACTERS = 300


class PageContext(Struct, frozen=True, kw_only=True):
    """What other files say: the names of the company's servers, and the text of every file by path."""

    servers: frozenset[str]
    texts: Mapping[str, str]


class MarkdownPage:
    """Look-up ignores case and knows aliases; what nobody took by the end is a record's `extra`."""

    def __init__(
        self,
        path: str,
        place: FileLocation,
        document: Document,
        found: source_file.FileFindings,
        around: PageContext,
    ) -> None:
        self.path = path
        self.stem = place.stem_of(path)
        self.place = place
        self.document = document
        self.found = found
        self.around = around
        self.reader = struct_reader.StructReader(found, document.lines, foreign=True)
        self._lines: dict[str, int] = {}
        self._extra = dict(document.values)
        self._spelt = {key.lower(): key for key in reversed(document.values)}

    def build_record(self, kind: type[S], **values: Any) -> S:
        """A record with these values, and with where it comes from. Comes last: what is left is extra."""
        lines = {key: self.document.lines[key,] for key in self._extra} | self._lines
        said = {
            "body": self.document.body,
            "body_line": self.document.body_line,
            "extra": self._extra,
        }
        return kind(
            file=self.path, dialect=self.place.dialect, lines=lines, **said, **values
        )

    def raw_value(self, key: str, *aliases: str) -> Value:
        """The value of the first of these names that is there; None for null and for nothing."""
        return self._look_up(key, *aliases)[1]

    def typed_value(self, kind: type[V], key: str, *aliases: str) -> V | None:
        """The value as `kind`; None when it is absent, and when it is something else, which is told."""
        spelt, value = self._look_up(key, *aliases)
        return None if value is None else self.reader.read_value(kind, value, (spelt,))

    def _look_up(self, key: str, *aliases: str) -> tuple[str, Value]:
        values = self.document.values
        for name in (key, *aliases):
            spelt = name if name in values else self._spelt.get(name.lower(), name)
            self._extra.pop(spelt, None)
            if (value := values.get(spelt)) is not None:
                self._lines[key] = self.document.lines[spelt,]
                return spelt, value
        return key, None

    def text_value(self, key: str, *aliases: str) -> str:
        """A string, without space around it; empty when it is absent."""
        return self.typed_value(str, key, *aliases) or ""

    def string_list(self, key: str) -> tuple[str, ...] | None:
        """A list of strings, also written as one string with commas; None when it is absent or wrong."""
        return self.typed_value(tuple[str, ...], key)

    def mapping_value(self, key: str) -> dict[str, Value]:
        """A map; empty when it is absent."""
        return self.typed_value(dict[str, Any], key) or {}

    def line_of(self, key: str) -> int | None:
        """Where the value stands that was taken for a key."""
        return self._lines.get(key)

    def is_lost(self, key: str) -> bool:
        """Whether the key was there but no repair could save its value."""
        return key.lower() in self.document.dropped

    def own_settings(self, kind: type[S]) -> S:
        """The `agentco:` map, read as strictly as the settings: a mistake leaves the file out."""
        spelt, value = self._look_up("agentco")
        if self.is_lost("agentco"):
            self.found.error(
                "wrong-type",
                "agentco: could not be read",
                "write `key: value` lines below it",
            )
        for key in value if isinstance(value, dict) else ():
            self._lines[f"agentco.{key}"] = self.document.lines[spelt, key]
        return struct_reader.StructReader(self.found, self.document.lines).read_struct(
            kind, value, (spelt,)
        )

    def display_name(self) -> str:
        """The display name: what the header says, else the file's stem. One nobody may bear is an error."""
        name = one_line(self.text_value("name"))
        refused = [(name, name_problem(name), self.line_of("name"))] if name else []
        for candidate, reason, line in (
            (self.stem, id_problem(self.stem), None),
            *refused,
        ):
            if reason:
                self.found.error(
                    "refused-name",
                    f"the name {candidate!r} {reason}",
                    "give it another name",
                    line,
                )
        return name or self.stem

    def description(self) -> str:
        """The description, on one line; empty when the header has none."""
        return one_line(self.text_value("description"))

    def argument_hint(self) -> str:
        """The usage line; `[file]` that YAML took for a list becomes `[file]` again."""
        value = self.raw_value("argument-hint")
        if isinstance(value, list):
            return f"[{', '.join(str(item) for item in value)}]"
        return one_line(value) if isinstance(value, str) else ""

    def model_labels(self) -> tuple[str, ...]:
        """The labels of the models a header asks for, best first; unknown ones are told."""
        value = self.raw_value("model")
        asked = value if isinstance(value, list) else [value]
        parts = (
            part for item in asked if isinstance(item, str) for part in item.split("|")
        )
        labels = tuple(label for part in parts for label in split_list(part))
        if unknown := tuple(label for label in labels if not read_label(label).known):
            what = (
                f"nobody knows the model {_quoted_list(unknown)}: tier medium is used"
            )
            self.found.info(
                "unknown-model",
                what,
                "agentco: {tier: …} sets the tier",
                self.line_of("model"),
            )
        return labels

    def tool_list(self, servers: AbstractSet[str] = frozenset()) -> ToolList | None:
        """The tools that a header lists; None when it does not say, nothing when its list cannot be read."""
        value, line = self.raw_value("tools"), self.line_of("tools")
        if self.is_lost("tools"):
            what = "the list of tools cannot be read: no tool is given"
            self.found.warn("no-tools", what, "write tools: [read]")
            return ToolList()
        if value is None or isinstance(value, bool):
            return None if value is None else ToolList(everything=value)
        tools = read_tools(_tool_names(value), self.around.servers | servers)
        if tools.ignored:
            what = f"only an editor has {_quoted_list(tools.ignored)}"
            self.found.info(
                "ignored-tool", what, "nothing to do: the agent works without", line
            )
        if tools.unknown:
            hint = f"the names are {', '.join(OWN_NAMES)}; a tool of a server is server/tool"
            self.found.info(
                "unknown-tool",
                f"nobody knows {_quoted_list(tools.unknown)}",
                hint,
                line,
            )
        return tools


def _tool_names(value: Value) -> tuple[str, ...]:
    """The names in a list, a string with commas, or a map from names to true."""
    if isinstance(value, str):
        return split_list(value.strip().removeprefix("[").removesuffix("]"))
    if isinstance(value, list):
        return tuple(map(value_as_text, value))
    if not isinstance(value, dict):
        return ()
    inner = (
        name
        for names in value.values()
        if isinstance(names, dict)
        for name in _tool_names(names)
    )
    return (*(key for key, given in value.items() if given is True), *inner)


def _quoted_list(names: tuple[str, ...]) -> str:
    return ", ".join(map(repr, dict.fromkeys(names)))


def one_line(text: str) -> str:
    """One line without invisible characters."""
    return _SPACE.sub(
        " ", text if text.isascii() else characters.INVISIBLE.sub("", text)
    ).strip()


def summarize_body(body: str) -> str:
    """The first paragraph of a body that is no heading, else its first heading."""
    heading = ""
    for part in body.split("\n\n"):
        text = one_line(part)
        if text and not text.startswith(("#", "<!--", "```", "---")):
            return _MARKUP.sub("", text)[:_MAX_SUMMARY_CHARACTERS]
        heading = heading or one_line(_MARKUP.sub("", part.strip().split("\n")[0]))
    return heading[:_MAX_SUMMARY_CHARACTERS]
