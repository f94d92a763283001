"""The company as one value: who and what is in it, and the list of every clash and gap."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from agentco.company.records import (
    Agent,
    AlwaysOn,
    Hook,
    Instructions,
    McpInput,
    McpServer,
    Prompt,
    Record,
    SkillRecord,
)
from agentco.kernel.errors import Diagnostic
from agentco.kernel.names import slug

_AnyRecord = TypeVar("_AnyRecord", bound=Record)


class Company(Struct, frozen=True, kw_only=True):
    """What the files came to. A file with an ERROR among the diagnostics is in none of the lists."""

    agents: tuple[Agent, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    skills: tuple[SkillRecord, ...] = ()
    instructions: tuple[Instructions, ...] = ()
    always_on: tuple[AlwaysOn, ...] = ()
    constitution: AlwaysOn | None = None
    servers: tuple[McpServer, ...] = ()
    inputs: tuple[McpInput, ...] = ()
    hooks: tuple[Hook, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def find_agent(self, name: str) -> Agent | None:
        """The agent somebody means by a name: exactly, in other case, or as a slug."""
        return find_by_name(name, self.agents)

    def find_prompt(self, name: str) -> Prompt | None:
        """The prompt somebody means by a name; the file's stem is one too."""
        return find_by_name(name, self.prompts)

    def find_skill(self, name: str) -> SkillRecord | None:
        """The skill somebody means by a name."""
        return find_by_name(name, self.skills)


def find_by_name(name: str, records: Sequence[_AnyRecord]) -> _AnyRecord | None:
    """The first record that bears a name: exact before case-insensitive before slug."""
    for same in (str, str.lower, slug):
        wanted = same(name)
        if wanted and (
            found := next(
                (r for r in records if wanted in map(same, r.all_names)), None
            )
        ):
            return found
    return None
