"""Where the files of a company live: one table from path to kind (FORMATS section 1)."""

from collections.abc import Iterator
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data


class FileKind(StrEnum):
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


class FileLocation(Struct, frozen=True, kw_only=True):
    """A folder and a suffix, or without a suffix one exact file."""

    kind: FileKind
    dialect: Dialect
    folder: str
    suffix: str
    deep: bool
    precedence: int

    def matches_path(self, path: str) -> bool:
        """Whether `path` belongs here."""
        if not path.startswith(self.folder + "/"):
            return False
        rest = path[len(self.folder) + 1 :]
        return rest.lower().endswith(self.suffix) and (self.deep or "/" not in rest)

    def stem_of(self, path: str) -> str:
        """The name that the file's own name gives; a skill is named by its folder."""
        if self.kind is FileKind.SKILL:
            return path.rsplit("/", 2)[-2]
        name = path.rsplit("/", 1)[-1]
        endings = [self.suffix]
        if self.kind is FileKind.AGENT:
            endings = [".agent.md", ".chatmode.md", self.suffix]
        for ending in endings:
            if ending and name.lower().endswith(ending):
                return name[: -len(ending)]
        return name


# `folder/*.md` is in the folder, `folder/**.md` anywhere below it; of one kind, earlier ones win.
_PATTERNS_BY_KIND = package_data.load_table(__name__, dict[FileKind, tuple[str, ...]])


def _build_locations() -> Iterator[FileLocation]:
    precedence = 0
    for kind, patterns in _PATTERNS_BY_KIND.items():
        for pattern in patterns:
            folder, _, ending = pattern.partition("/*")
            is_claude = "claude" in pattern.lower()
            yield FileLocation(
                kind=kind,
                dialect=Dialect.CLAUDE if is_claude else Dialect.COPILOT,
                folder=folder,
                suffix=ending.removeprefix("*"),
                deep=ending.startswith("*"),
                precedence=precedence,
            )
            precedence += 1


_ALL_LOCATIONS = tuple(_build_locations())
_FOLDERS = [place for place in _ALL_LOCATIONS if place.suffix]
EXACT_FILES = {place.folder: place for place in _ALL_LOCATIONS if not place.suffix}
NESTED_AGENTS_FILE = EXACT_FILES.pop("*/AGENTS.md")
"""An AGENTS.md below the root; the closest one to an edited file wins."""
COMPANY_FOLDERS = tuple(
    place for place in _FOLDERS if place.folder.startswith((".", "~"))
)
CATALOGUE_FOLDERS = tuple(place for place in _FOLDERS if place not in COMPANY_FOLDERS)
"""The layout of a collection of agents: used where a root has no `.github/agents`."""


def location_of(path: str) -> FileLocation | None:
    """Where a path belongs, or None if it is no file of a company."""
    name = path.rsplit("/", 1)[-1]
    if path in EXACT_FILES or name.lower().startswith("readme"):
        return EXACT_FILES.get(path)
    if name == "AGENTS.md":
        return None if path.startswith("~") else NESTED_AGENTS_FILE
    for place in (*COMPANY_FOLDERS, *CATALOGUE_FOLDERS):
        if place.matches_path(path):
            return place
    return None
