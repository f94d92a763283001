"""Files in, a company and its diagnostics out. One bad file never takes the others down."""

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from agentco.company import (
    company,
    duplicates,
    file_locations,
    header_reader,
    instructions,
    json_files,
)
from agentco.company.agents import read_agent
from agentco.company.document import read_document
from agentco.company.prompts import read_prompt
from agentco.company.records import Agent, AlwaysOn, Instructions, Prompt, Record, Skill
from agentco.company.skills import read_skill
from agentco.company.source_file import Findings, Source
from agentco.company.text_decoding import decode
from agentco.kernel.errors import Diagnostic

_CONSTITUTIONS = (".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md")
_READERS: dict[file_locations.Kind, Callable[[header_reader.Page], Record]] = {
    file_locations.Kind.AGENT: read_agent,
    file_locations.Kind.PROMPT: read_prompt,
    file_locations.Kind.SKILL: read_skill,
    file_locations.Kind.INSTRUCTIONS: instructions.read_instructions,
    file_locations.Kind.ALWAYS_ON: instructions.read_always_on,
}
_Placed = tuple[file_locations.Place, Source]


def load(
    sources: Iterable[Source], found_before: Iterable[Diagnostic] = ()
) -> company.Company:
    """The company that these files make; `found_before` are the diagnostics of whoever read them."""
    sources, diagnostics = tuple(sources), list(found_before)
    placed = [
        (place, source)
        for source in sources
        if (place := file_locations.place_of(source.path))
    ]
    placed.sort(key=lambda p: (p[0].precedence, p[1].path))
    json = json_files.read_configurations(placed, diagnostics)
    around = header_reader.Around(
        servers=frozenset(s.name for s in json.servers),
        texts=_includable(placed, sources),
    )
    records = list(_records(placed, around, diagnostics))
    agents = duplicates.settle(
        (r for r in records if isinstance(r, Agent)), diagnostics
    )
    skills = duplicates.settle(
        (r for r in records if isinstance(r, Skill)), diagnostics
    )
    prompts = duplicates.settle(
        (r for r in records if isinstance(r, Prompt)), diagnostics
    )
    prompts = duplicates.addressed(prompts, agents, diagnostics)
    always_on = tuple(r for r in records if isinstance(r, AlwaysOn))
    duplicates.lookalikes(agents, diagnostics)
    duplicates.commands_taken_twice(prompts, skills, diagnostics)
    rules = duplicates.settle(
        (r for r in records if isinstance(r, Instructions)), diagnostics
    )
    whole = replace(
        json,
        agents=agents,
        prompts=prompts,
        skills=skills,
        instructions=rules,
        always_on=always_on,
    )
    first = _constitution(always_on, diagnostics)
    diagnostics.sort(key=lambda d: (d.file, d.line or 0))
    return replace(whole, constitution=first, diagnostics=tuple(diagnostics))


def _records(
    placed: Iterable[_Placed],
    around: header_reader.Around,
    diagnostics: list[Diagnostic],
) -> Iterator[Record]:
    """Every Markdown file that is not broken."""
    for place, source in placed:
        if read := _READERS.get(place.kind):
            found = Findings(source.path, diagnostics)
            document = read_document(
                source, found, plain=place.kind is file_locations.Kind.ALWAYS_ON
            )
            if document and not document.headed and not _may_lack_header(place):
                what = "no header: name and description are guessed"
                found.warn("no-header", what, "write keys between two lines ---", 1)
            record = (
                read(header_reader.Page(source.path, place, document, found, around))
                if document
                else None
            )
            if record and not found.broken:
                yield record


def _may_lack_header(place: file_locations.Place) -> bool:
    claude = place.dialect is file_locations.Dialect.CLAUDE and place.kind in {
        file_locations.Kind.PROMPT,
        file_locations.Kind.INSTRUCTIONS,
    }
    return claude or place.kind is file_locations.Kind.ALWAYS_ON


def _includable(placed: Iterable[_Placed], sources: Iterable[Source]) -> dict[str, str]:
    """The text of every file that a CLAUDE.md may pull in; none where there is no CLAUDE.md."""
    if not any(
        p.kind is file_locations.Kind.ALWAYS_ON
        and p.dialect is file_locations.Dialect.CLAUDE
        for p, _ in placed
    ):
        return {}
    texts = ((s.path, decode(s, Findings(s.path))) for s in sources)
    return {path: text for path, text in texts if text is not None}


def _constitution(
    always_on: Iterable[AlwaysOn], diagnostics: list[Diagnostic]
) -> AlwaysOn | None:
    """The company's constitution, else its AGENTS.md, else its CLAUDE.md; none is worth a warning."""
    by_file = {record.file: record for record in always_on}
    if not (
        found := next(
            (by_file[file] for file in _CONSTITUTIONS if file in by_file), None
        )
    ):
        what, hint = (
            "no constitution: nothing holds for all agents",
            f"write {_CONSTITUTIONS[0]}",
        )
        Findings(_CONSTITUTIONS[0], diagnostics).warn("no-constitution", what, hint)
    return found
