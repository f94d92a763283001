"""The company as one value: who and what is in it, and the list of every clash and gap."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Generic, TypeVar

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


class NameIndex(Generic[_AnyRecord]):
    """Finds records by the names they bear, however many there are."""

    def __init__(self, records: Sequence[_AnyRecord]) -> None:
        self._records = records
        self._found: dict[Callable[[str], str], dict[str, _AnyRecord]] = {}

    def find(self, name: str) -> _AnyRecord | None:
        """The first record that bears a name: exact before case-insensitive before slug."""
        for same in (str, str.lower, slug):
            record = self._by(same).get(same(name))
            if record:
                return record
        return None

    def _by(self, same: Callable[[str], str]) -> dict[str, _AnyRecord]:
        """The first record of each name that is not empty, as `same` spells names."""
        if same not in self._found:
            found: dict[str, _AnyRecord] = {}
            for record in self._records:
                for name in filter(None, map(same, record.all_names)):
                    found.setdefault(name, record)
            self._found[same] = found
        return self._found[same]


class Company(Struct, frozen=True, kw_only=True, dict=True):
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
        return self._agent_names.find(name)

    def find_prompt(self, name: str) -> Prompt | None:
        """The prompt that bears a name; the file's stem is one too."""
        return self._prompt_names.find(name)

    def find_skill(self, name: str) -> SkillRecord | None:
        """The skill that bears a name."""
        return self._skill_names.find(name)

    @cached_property
    def _agent_names(self) -> NameIndex[Agent]:
        return NameIndex(self.agents)

    @cached_property
    def _skill_names(self) -> NameIndex[SkillRecord]:
        return NameIndex(self.skills)

    @cached_property
    def _prompt_names(self) -> NameIndex[Prompt]:
        return NameIndex(self.prompts)
