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
from agentco.company.records import (
    Agent,
    AlwaysOn,
    Instructions,
    Prompt,
    Record,
    SkillRecord,
)
from agentco.company.skills import read_skill
from agentco.company.source_file import FileFindings, SourceFile
from agentco.company.text_decoding import decode_text
from agentco.kernel.errors import Diagnostic

_CONSTITUTIONS = (".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md")
_READERS: dict[
    file_locations.FileKind, Callable[[header_reader.MarkdownPage], Record]
] = {
    file_locations.FileKind.AGENT: read_agent,
    file_locations.FileKind.PROMPT: read_prompt,
    file_locations.FileKind.SKILL: read_skill,
    file_locations.FileKind.INSTRUCTIONS: instructions.read_instructions,
    file_locations.FileKind.ALWAYS_ON: instructions.read_always_on,
}
_PlacedSource = tuple[file_locations.FileLocation, SourceFile]


def load_company(
    sources: Iterable[SourceFile], found_before: Iterable[Diagnostic] = ()
) -> company.Company:
    """The company that these files make; `found_before` are the diagnostics of whoever read them."""
    sources, diagnostics = tuple(sources), list(found_before)
    placed = [
        (place, source)
        for source in sources
        if (place := file_locations.location_of(source.path))
    ]
    placed.sort(key=lambda p: (p[0].precedence, p[1].path))
    json = json_files.read_configurations(placed, diagnostics)
    around = header_reader.PageContext(
        servers=frozenset(s.name for s in json.servers),
        texts=_includable_texts(placed, sources),
    )
    records = list(_read_records(placed, around, diagnostics))
    agents = duplicates.resolve_duplicates(
        (r for r in records if isinstance(r, Agent)), diagnostics
    )
    skills = duplicates.resolve_duplicates(
        (r for r in records if isinstance(r, SkillRecord)), diagnostics
    )
    prompts = duplicates.resolve_duplicates(
        (r for r in records if isinstance(r, Prompt)), diagnostics
    )
    prompts = duplicates.prompts_with_agents(prompts, agents, diagnostics)
    always_on = tuple(r for r in records if isinstance(r, AlwaysOn))
    duplicates.warn_lookalikes(agents, diagnostics)
    duplicates.warn_hidden_skills(prompts, skills, diagnostics)
    rules = duplicates.resolve_duplicates(
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
    first = _find_constitution(always_on, diagnostics)
    diagnostics.sort(key=lambda d: (d.file, d.line or 0))
    return replace(whole, constitution=first, diagnostics=tuple(diagnostics))


def _read_records(
    placed: Iterable[_PlacedSource],
    around: header_reader.PageContext,
    diagnostics: list[Diagnostic],
) -> Iterator[Record]:
    """Every Markdown file that is not broken."""
    for place, source in placed:
        if read := _READERS.get(place.kind):
            found = FileFindings(source.path, diagnostics)
            document = read_document(
                source, found, plain=place.kind is file_locations.FileKind.ALWAYS_ON
            )
            if document and not document.headed and not _may_lack_header(place):
                what = "no header: name and description are guessed"
                found.warn("no-header", what, "write keys between two lines ---", 1)
            record = (
                read(
                    header_reader.MarkdownPage(
                        source.path, place, document, found, around
                    )
                )
                if document
                else None
            )
            if record and not found.broken:
                yield record


def _may_lack_header(place: file_locations.FileLocation) -> bool:
    claude = place.dialect is file_locations.Dialect.CLAUDE and place.kind in {
        file_locations.FileKind.PROMPT,
        file_locations.FileKind.INSTRUCTIONS,
    }
    return claude or place.kind is file_locations.FileKind.ALWAYS_ON


def _includable_texts(
    placed: Iterable[_PlacedSource], sources: Iterable[SourceFile]
) -> dict[str, str]:
    """The text of every file that a CLAUDE.md may pull in; none where there is no CLAUDE.md."""
    if not any(
        p.kind is file_locations.FileKind.ALWAYS_ON
        and p.dialect is file_locations.Dialect.CLAUDE
        for p, _ in placed
    ):
        return {}
    texts = ((s.path, decode_text(s, FileFindings(s.path))) for s in sources)
    return {path: text for path, text in texts if text is not None}


def _find_constitution(
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
        FileFindings(_CONSTITUTIONS[0], diagnostics).warn("no-constitution", what, hint)
    return found
