"""Files in, a company and its diagnostics out. One bad file never takes the others down."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TypeVar

from agentco.company import duplicates
from agentco.company.agents import read_agent
from agentco.company.company import Company
from agentco.company.file_locations import Dialect, FileKind, FileLocation, location_of
from agentco.company.header_reader import MarkdownPage, PageContext
from agentco.company.instructions import read_always_on, read_instructions
from agentco.company.json_files import read_configurations
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
from agentco.file_formats.document import read_document
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.file_formats.text_decoding import decode_text
from agentco.kernel.errors import Diagnostic

R = TypeVar("R", bound=Record)
_PlacedSource = tuple[FileLocation, SourceFile]
_CONSTITUTIONS = (".github/copilot-instructions.md", "AGENTS.md", "CLAUDE.md")
_READERS: dict[FileKind, Callable[[MarkdownPage], Record]] = {
    FileKind.AGENT: read_agent,
    FileKind.PROMPT: read_prompt,
    FileKind.SKILL: read_skill,
    FileKind.INSTRUCTIONS: read_instructions,
    FileKind.ALWAYS_ON: read_always_on,
}


def load_company(
    sources: Iterable[SourceFile], found_before: Iterable[Diagnostic] = ()
) -> Company:
    """The company that these files make; `found_before` are diagnostics from reading them."""
    sources = tuple(sources)
    diagnostics = list(found_before)
    placed = _place_sources(sources)
    servers, inputs = read_configurations(placed, diagnostics)
    context = PageContext(
        servers=frozenset(server.name for server in servers),
        texts=_includable_texts(placed, sources),
    )
    records = list(_read_records(placed, context, diagnostics))
    agents = duplicates.resolve_duplicates(_of_kind(Agent, records), diagnostics)
    skills = duplicates.resolve_duplicates(_of_kind(SkillRecord, records), diagnostics)
    prompts = duplicates.resolve_duplicates(_of_kind(Prompt, records), diagnostics)
    prompts = duplicates.prompts_with_agents(prompts, agents, diagnostics)
    duplicates.warn_lookalikes(agents, diagnostics)
    duplicates.warn_hidden_skills(prompts, skills, diagnostics)
    rules = duplicates.resolve_duplicates(_of_kind(Instructions, records), diagnostics)
    always_on = tuple(_of_kind(AlwaysOn, records))
    constitution = _find_constitution(always_on, diagnostics)
    diagnostics.sort(key=lambda diagnostic: (diagnostic.file, diagnostic.line or 0))
    return Company(
        agents=agents,
        prompts=prompts,
        skills=skills,
        instructions=rules,
        always_on=always_on,
        constitution=constitution,
        servers=servers,
        inputs=inputs,
        diagnostics=tuple(diagnostics),
    )


def _place_sources(sources: Sequence[SourceFile]) -> list[_PlacedSource]:
    """The files of a company with their places, those that count first first."""
    placed: list[_PlacedSource] = []
    for source in sources:
        place = location_of(source.path)
        if place:
            placed.append((place, source))
    placed.sort(key=lambda pair: (pair[0].precedence, pair[1].path))
    return placed


def _of_kind(kind: type[R], records: Iterable[Record]) -> list[R]:
    return [record for record in records if isinstance(record, kind)]


def _read_records(
    placed: Iterable[_PlacedSource], context: PageContext, diagnostics: list[Diagnostic]
) -> Iterator[Record]:
    """Every Markdown file that is not broken."""
    for place, source in placed:
        read = _READERS.get(place.kind)
        if not read:
            continue
        findings = FileFindings(source.path, diagnostics)
        is_plain = place.kind is FileKind.ALWAYS_ON
        document = read_document(source, findings, plain=is_plain)
        if not document:
            continue
        if not document.headed and not _may_lack_header(place):
            what = "no header: name and description are guessed"
            findings.warn("no-header", what, "write keys between two lines ---", 1)
        page = MarkdownPage(source.path, place, document, findings, context)
        record = read(page)
        if not findings.broken:
            yield record


def _may_lack_header(place: FileLocation) -> bool:
    if place.kind is FileKind.ALWAYS_ON:
        return True
    is_claude = place.dialect is Dialect.CLAUDE
    return is_claude and place.kind in {FileKind.PROMPT, FileKind.INSTRUCTIONS}


def _includable_texts(
    placed: Iterable[_PlacedSource], sources: Iterable[SourceFile]
) -> dict[str, str]:
    """The text of every file that a CLAUDE.md may pull in; none if there is no CLAUDE.md."""
    kinds = {(place.kind, place.dialect) for place, _ in placed}
    if (FileKind.ALWAYS_ON, Dialect.CLAUDE) not in kinds:
        return {}
    texts: dict[str, str] = {}
    for source in sources:
        # what is wrong with a file is reported where it is read for its own sake
        text = decode_text(source, FileFindings(source.path))
        if text is not None:
            texts[source.path] = text
    return texts


def _find_constitution(
    always_on: Iterable[AlwaysOn], diagnostics: list[Diagnostic]
) -> AlwaysOn | None:
    """The company's constitution, else its AGENTS.md, else its CLAUDE.md; warns without one."""
    record_of = {record.file: record for record in always_on}
    for file in _CONSTITUTIONS:
        if file in record_of:
            return record_of[file]
    file = _CONSTITUTIONS[0]
    what = "no constitution: no rules apply to all agents"
    FileFindings(file, diagnostics).warn("no-constitution", what, f"write {file}")
    return None
