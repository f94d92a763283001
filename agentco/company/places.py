"""Where the files of a company live: one table from path to kind (FORMATS section 1)."""

from enum import StrEnum

from msgspec import Struct


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
    """A folder and a suffix, or without a folder's slash one exact file. Earlier rows win over later ones."""

    kind: Kind
    dialect: Dialect
    folder: str
    suffix: str
    deep: bool = False
    precedence: int = 0

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
        ending = next((e for e in (*endings, self.suffix) if name.lower().endswith(e)), "")
        return name[: len(name) - len(ending)]

    def group(self, path: str) -> str:
        """The folder within which two files must not share a name."""
        return path.rsplit("/", 2 if self.kind is Kind.SKILL else 1)[0]


_COPILOT, _CLAUDE = Dialect.COPILOT, Dialect.CLAUDE
_Row = tuple[Kind, Dialect, str, str, bool]
_FOLDERS: tuple[_Row, ...] = (
    (Kind.AGENT, _COPILOT, ".github/agents", ".agent.md", True),
    (Kind.AGENT, _COPILOT, ".github/agents", ".md", False),
    (Kind.AGENT, _CLAUDE, ".claude/agents", ".md", False),
    (Kind.AGENT, _COPILOT, ".github/chatmodes", ".chatmode.md", False),
    (Kind.AGENT, _COPILOT, "~/.copilot/agents", ".md", False),
    (Kind.AGENT, _CLAUDE, "~/.claude/agents", ".md", False),
    (Kind.PROMPT, _COPILOT, ".github/prompts", ".prompt.md", True),
    (Kind.PROMPT, _CLAUDE, ".claude/commands", ".md", True),
    (Kind.PROMPT, _COPILOT, "~/.agentco/prompts", ".prompt.md", True),
    (Kind.INSTRUCTIONS, _COPILOT, ".github/instructions", ".instructions.md", True),
    (Kind.INSTRUCTIONS, _CLAUDE, ".claude/rules", ".md", True),
    (Kind.INSTRUCTIONS, _COPILOT, "~/.copilot/instructions", ".instructions.md", True),
    (Kind.INSTRUCTIONS, _CLAUDE, "~/.claude/rules", ".md", True),
    (Kind.SKILL, _COPILOT, ".github/skills", "/skill.md", True),
    (Kind.SKILL, _COPILOT, ".agents/skills", "/skill.md", True),
    (Kind.SKILL, _CLAUDE, ".claude/skills", "/skill.md", True),
    (Kind.SKILL, _COPILOT, "~/.copilot/skills", "/skill.md", True),
    (Kind.SKILL, _COPILOT, "~/.agents/skills", "/skill.md", True),
    (Kind.SKILL, _CLAUDE, "~/.claude/skills", "/skill.md", True),
    (Kind.HOOKS, _COPILOT, ".github/hooks", ".json", False),
    (Kind.HOOKS, _COPILOT, "~/.copilot/hooks", ".json", False),
)
_CATALOGUE: tuple[_Row, ...] = (
    (Kind.AGENT, _COPILOT, "agents", ".agent.md", True),
    (Kind.AGENT, _COPILOT, "agents", ".md", False),
    (Kind.AGENT, _COPILOT, "chatmodes", ".chatmode.md", False),
    (Kind.PROMPT, _COPILOT, "prompts", ".prompt.md", True),
    (Kind.INSTRUCTIONS, _COPILOT, "instructions", ".instructions.md", True),
    (Kind.SKILL, _COPILOT, "skills", "/skill.md", True),
)
_FILES: tuple[tuple[str, Kind, Dialect], ...] = (
    (".github/copilot-instructions.md", Kind.ALWAYS_ON, _COPILOT),
    ("AGENTS.md", Kind.ALWAYS_ON, _COPILOT),
    ("CLAUDE.md", Kind.ALWAYS_ON, _CLAUDE),
    (".claude/CLAUDE.md", Kind.ALWAYS_ON, _CLAUDE),
    ("CLAUDE.local.md", Kind.ALWAYS_ON, _CLAUDE),
    ("~/.claude/CLAUDE.md", Kind.ALWAYS_ON, _CLAUDE),
    (".vscode/mcp.json", Kind.MCP, _COPILOT),
    (".mcp.json", Kind.MCP, _CLAUDE),
    ("~/.copilot/mcp-config.json", Kind.MCP, _COPILOT),
    (".claude/settings.json", Kind.HOOKS, _CLAUDE),
)


def _place(row: _Row, precedence: int) -> Place:
    kind, dialect, folder, suffix, deep = row
    return Place(kind=kind, dialect=dialect, folder=folder, suffix=suffix, deep=deep, precedence=precedence)


FOLDERS = tuple(_place(row, i) for i, row in enumerate(_FOLDERS))
CATALOGUE = tuple(_place(row, 100 + i) for i, row in enumerate(_CATALOGUE))
"""The layout of a collection of agents: used where a root has no `.github/agents`."""
FILES = {
    path: Place(kind=kind, dialect=dialect, folder="", suffix="", precedence=200 + i)
    for i, (path, kind, dialect) in enumerate(_FILES)
}
NESTED = Place(kind=Kind.ALWAYS_ON, dialect=_COPILOT, folder="", suffix="", precedence=300)
"""An AGENTS.md below the root; the closest one to an edited file wins."""


def place_of(path: str) -> Place | None:
    """Where a path belongs, or None when it is no file of a company."""
    if exact := FILES.get(path):
        return exact
    name = path.rsplit("/", 1)[-1]
    if name.lower().startswith("readme"):
        return None
    if name == "AGENTS.md":
        return None if path.startswith("~") else NESTED
    return next((p for p in (*FOLDERS, *CATALOGUE) if p.holds(path)), None)
