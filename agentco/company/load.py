"""Files in, a company and its diagnostics out. One bad file never takes the others down."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from agentco.company.agents import read_agent
from agentco.company.clashes import addressed, commands_taken_twice, lookalikes, settle
from agentco.company.company import Company
from agentco.company.configurations import read_configurations
from agentco.company.decode import decode
from agentco.company.document import read_document
from agentco.company.instructions import read_always_on, read_instructions
from agentco.company.page import Around, Page
from agentco.company.places import Dialect, Kind, Place, place_of
from agentco.company.prompts import read_prompt
from agentco.company.records import Agent, AlwaysOn, Instructions, Prompt, Record, Skill
from agentco.company.skills import read_skill
from agentco.company.source import Findings, Source
from agentco.errors import Diagnostic

_CONSTITUTIONS = (".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md")
_READERS: dict[Kind, Callable[[Page], Record]] = {
    Kind.AGENT: read_agent,
    Kind.PROMPT: read_prompt,
    Kind.SKILL: read_skill,
    Kind.INSTRUCTIONS: read_instructions,
    Kind.ALWAYS_ON: read_always_on,
}
_Placed = tuple[Place, Source]


def load(sources: Iterable[Source], found_before: Iterable[Diagnostic] = ()) -> Company:
    """The company that these files make; `found_before` are the diagnostics of whoever read them."""
    sources, diagnostics = tuple(sources), list(found_before)
    placed = [(place, source) for source in sources if (place := place_of(source.path))]
    placed.sort(key=lambda p: (p[0].precedence, p[1].path))
    json = read_configurations(placed, diagnostics)
    around = Around(servers=frozenset(s.name for s in json.servers), texts=_includable(placed, sources))
    records = list(_records(placed, around, diagnostics))
    agents = settle((r for r in records if isinstance(r, Agent)), diagnostics)
    skills = settle((r for r in records if isinstance(r, Skill)), diagnostics)
    prompts = settle((r for r in records if isinstance(r, Prompt)), diagnostics)
    prompts = addressed(prompts, agents, diagnostics)
    always_on = tuple(r for r in records if isinstance(r, AlwaysOn))
    lookalikes(agents, diagnostics)
    commands_taken_twice(prompts, skills, diagnostics)
    return replace(
        json,
        agents=agents,
        prompts=prompts,
        skills=skills,
        instructions=settle((r for r in records if isinstance(r, Instructions)), diagnostics),
        always_on=always_on,
        constitution=_constitution(always_on, diagnostics),
        diagnostics=tuple(sorted(diagnostics, key=lambda d: (d.file, d.line or 0))),
    )


def _records(placed: Iterable[_Placed], around: Around, diagnostics: list[Diagnostic]) -> Iterator[Record]:
    """Every Markdown file that is not broken."""
    for place, source in placed:
        if read := _READERS.get(place.kind):
            found = Findings(source.path, diagnostics)
            document = read_document(source, found, plain=place.kind is Kind.ALWAYS_ON)
            if document and not document.headed and not _may_lack_header(place):
                what = "no header: name and description are guessed"
                found.warn("no-header", what, "write keys between two lines ---", 1)
            record = read(Page(source.path, place, document, found, around)) if document else None
            if record and not found.broken:
                yield record


def _may_lack_header(place: Place) -> bool:
    claude = place.dialect is Dialect.CLAUDE and place.kind in {Kind.PROMPT, Kind.INSTRUCTIONS}
    return claude or place.kind is Kind.ALWAYS_ON


def _includable(placed: Iterable[_Placed], sources: Iterable[Source]) -> dict[str, str]:
    """The text of every file that a CLAUDE.md may pull in; none where there is no CLAUDE.md."""
    if not any(p.kind is Kind.ALWAYS_ON and p.dialect is Dialect.CLAUDE for p, _ in placed):
        return {}
    texts = ((s.path, decode(s, Findings(s.path))) for s in sources)
    return {path: text for path, text in texts if text is not None}


def _constitution(always_on: Iterable[AlwaysOn], diagnostics: list[Diagnostic]) -> AlwaysOn | None:
    """The company's constitution, else its AGENTS.md, else its CLAUDE.md; none is worth a warning."""
    by_file = {record.file: record for record in always_on}
    found = next((by_file[file] for file in _CONSTITUTIONS if file in by_file), None)
    if not found:
        what, hint = "no constitution: nothing holds for all agents", f"write {_CONSTITUTIONS[0]}"
        Findings(_CONSTITUTIONS[0], diagnostics).warn("no-constitution", what, hint)
    return found
