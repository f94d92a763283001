"""The company as one value: who and what is in it, and the list of every clash and gap."""

from collections.abc import Sequence
from typing import TypeVar

from msgspec import Struct

from agentco.company.records import (
    Agent,
    AlwaysOn,
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
    """All records. A file with an ERROR among the diagnostics is in none of the lists."""

    agents: tuple[Agent, ...] = ()
    prompts: tuple[Prompt, ...] = ()
    skills: tuple[SkillRecord, ...] = ()
    instructions: tuple[Instructions, ...] = ()
    always_on: tuple[AlwaysOn, ...] = ()
    constitution: AlwaysOn | None = None
    servers: tuple[McpServer, ...] = ()
    inputs: tuple[McpInput, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def find_agent(self, name: str) -> Agent | None:
        """The agent that bears a name: exactly, in another case, or as a slug."""
        return find_by_name(name, self.agents)

    def find_prompt(self, name: str) -> Prompt | None:
        """The prompt that bears a name; the file's stem is one too."""
        return find_by_name(name, self.prompts)

    def find_skill(self, name: str) -> SkillRecord | None:
        """The skill that bears a name."""
        return find_by_name(name, self.skills)


def find_by_name(name: str, records: Sequence[_AnyRecord]) -> _AnyRecord | None:
    """The first record that bears a name: exact before case-insensitive before slug."""
    for same in (str, str.lower, slug):
        wanted = same(name)
        for record in records:
            if wanted and wanted in map(same, record.all_names):
                return record
    return None
