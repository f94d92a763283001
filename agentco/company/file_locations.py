"""Where the files of a company live: one table from path to kind (FORMATS section 1)."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data


class Kind(StrEnum):
    """What a file is for."""

    AGENT = "agent"
    PROMPT = "prompt"
    INSTRUCTIONS = "instructions"
    ALWAYS_ON = "always-on"
    SKILL = "skill"
    MCP = "mcp"
    HOOKS = "hooks"


class Dialect(StrEnum):
    """Whose conventions a file follows where they differ."""

    COPILOT = "copilot"
    CLAUDE = "claude"


class Place(Struct, frozen=True, kw_only=True):
    """A folder and a suffix, or without a suffix one exact file."""

    kind: Kind
    dialect: Dialect
    folder: str
    suffix: str
    deep: bool
    precedence: int

    def holds(self, path: str) -> bool:
        """Whether `path` belongs here."""
        if not path.startswith(self.folder + "/"):
            return False
        rest = path[len(self.folder) + 1 :]
        return rest.lower().endswith(self.suffix) and (self.deep or "/" not in rest)

    def stem(self, path: str) -> str:
        """The name that the file's own name gives; a skill is named by its folder."""
        if self.kind is Kind.SKILL:
            return path.rsplit("/", 2)[-2]
        name = path.rsplit("/", 1)[-1]
        endings = (".agent.md", ".chatmode.md") if self.kind is Kind.AGENT else ()
        ending = next(
            (e for e in (*endings, self.suffix) if name.lower().endswith(e)), ""
        )
        return name[: len(name) - len(ending)]


# `folder/*.md` is in the folder, `folder/**.md` anywhere below it; of one kind, earlier ones win.
_PATTERNS = package_data.table(__name__, dict[Kind, tuple[str, ...]])


def _places() -> Iterator[Place]:
    rows = (
        (kind, pattern) for kind, patterns in _PATTERNS.items() for pattern in patterns
    )
    for precedence, (kind, pattern) in enumerate(rows):
        folder, _, ending = pattern.partition("/*")
        dialect = Dialect.CLAUDE if "claude" in pattern.lower() else Dialect.COPILOT
        suffix, deep = ending.removeprefix("*"), ending.startswith("*")
        yield Place(
            kind=kind,
            dialect=dialect,
            folder=folder,
            suffix=suffix,
            deep=deep,
            precedence=precedence,
        )


_ALL = tuple(_places())
FILES = {place.folder: place for place in _ALL if not place.suffix}
NESTED = FILES.pop("*/AGENTS.md")
"""An AGENTS.md below the root; the closest one to an edited file wins."""
FOLDERS = tuple(
    place for place in _ALL if place.suffix and place.folder.startswith((".", "~"))
)
CATALOGUE = tuple(place for place in _ALL if place.suffix and place not in FOLDERS)
"""The layout of a collection of agents: used where a root has no `.github/agents`."""


def place_of(path: str) -> Place | None:
    """Where a path belongs, or None when it is no file of a company."""
    name = path.rsplit("/", 1)[-1]
    if path in FILES or name.lower().startswith("readme"):
        return FILES.get(path)
    if name == "AGENTS.md":
        return None if path.startswith("~") else NESTED
    return next((place for place in (*FOLDERS, *CATALOGUE) if place.holds(path)), None)
