"""Files in, a company and its diagnostics out. One bad file never takes the others down."""

from collections.abc import Iterable, Mapping, Sequence
from typing import assert_never

from agentco.company.agents import read_agent
from agentco.company.clashes import commands_taken_twice, lookalikes, prompt_for_nobody, settle
from agentco.company.common import Page
from agentco.company.company import Company
from agentco.company.decode import decode
from agentco.company.document import read_document, read_text
from agentco.company.fields import Fields
from agentco.company.hooks import hooks_file
from agentco.company.instructions import CONSTITUTION, read_always_on, read_instructions
from agentco.company.mcp import mcp_file
from agentco.company.places import Dialect, Kind, Place, place_of
from agentco.company.prompts import read_prompt
from agentco.company.records import (
    Agent,
    AlwaysOn,
    Hook,
    Instructions,
    McpInput,
    McpServer,
    Prompt,
    Record,
    Skill,
)
from agentco.company.skills import read_skill
from agentco.company.source import Findings, Source
from agentco.errors import Diagnostic, Level

_CONSTITUTIONS = (CONSTITUTION, "AGENTS.md", "CLAUDE.md")
_Placed = tuple[Place, Source]


def load(sources: Iterable[Source], found_before: Iterable[Diagnostic] = ()) -> Company:
    """The company that these files make; `found_before` are the diagnostics of whoever read them."""
    diagnostics = list(found_before)
    sources = tuple(sources)
    placed = [(place, source) for source in sources if (place := place_of(source.path))]
    placed.sort(key=lambda p: (p[0].precedence, p[1].path))
    servers, inputs, hooks = _configurations(placed, diagnostics)
    records = _records(placed, frozenset(s.name for s in servers), _includable(placed, sources), diagnostics)
    agents = settle([r for r in records if isinstance(r, Agent)], diagnostics)
    prompts = settle([r for r in records if isinstance(r, Prompt)], diagnostics)
    skills = settle([r for r in records if isinstance(r, Skill)], diagnostics)
    instructions = settle([r for r in records if isinstance(r, Instructions)], diagnostics)
    always_on = tuple(r for r in records if isinstance(r, AlwaysOn))
    prompts = _addressed(prompts, agents, diagnostics)
    diagnostics += [*lookalikes(agents), *commands_taken_twice(prompts, skills)]
    return Company(
        agents=agents,
        prompts=prompts,
        skills=skills,
        instructions=instructions,
        always_on=always_on,
        constitution=_constitution(always_on, diagnostics),
        servers=servers,
        inputs=inputs,
        hooks=hooks,
        diagnostics=tuple(sorted(diagnostics, key=lambda d: (d.file, d.line or 0))),
    )


def _configurations(
    placed: Sequence[_Placed], diagnostics: list[Diagnostic]
) -> tuple[tuple[McpServer, ...], tuple[McpInput, ...], tuple[Hook, ...]]:
    """Servers by name, the first file wins; inputs; hooks."""
    servers: dict[str, McpServer] = {}
    inputs, hooks = list[McpInput](), list[Hook]()
    for place, source in placed:
        if place.kind not in {Kind.MCP, Kind.HOOKS}:
            continue
        found = Findings(source.path)
        if (text := read_text(source, found)) is not None and place.kind is Kind.HOOKS:
            hooks += hooks_file(text, found)
        elif text is not None:
            read, asked = mcp_file(text, found)
            inputs += asked
            for server in read:
                if (first := servers.setdefault(server.name, server)) is not server:
                    what = f"the server {server.name!r} is already set by {first.file}, which counts"
                    found.warn("shadowed", what, "rename or delete one of them", server.line)
        diagnostics += found.diagnostics
    return tuple(servers.values()), tuple(inputs), tuple(hooks)


def _records(
    placed: Sequence[_Placed],
    servers: frozenset[str],
    texts: Mapping[str, str],
    diagnostics: list[Diagnostic],
) -> list[Record]:
    records: list[Record] = []
    for place, source in placed:
        if place.kind in {Kind.MCP, Kind.HOOKS}:
            continue
        found = Findings(source.path)
        record = _record(place, source, servers, texts, found)
        if record and not found.broken:
            records.append(record)
        diagnostics += found.diagnostics
    return records


def _record(
    place: Place, source: Source, servers: frozenset[str], texts: Mapping[str, str], found: Findings
) -> Record | None:
    document = read_document(source, found, plain=place.kind is Kind.ALWAYS_ON)
    if document is None:
        return None
    if not document.headed and not _may_lack_header(place):
        found.warn(
            "no-header", "no header: name and description are guessed", "write keys between two lines ---", 1
        )
    page = Page(
        path=source.path,
        stem=place.stem(source.path),
        place=place,
        document=document,
        fields=Fields(document, found),
        found=found,
        servers=servers,
        texts=texts,
    )
    return _read(page)


def _includable(placed: Sequence[_Placed], sources: Sequence[Source]) -> dict[str, str]:
    """The text of every file that a CLAUDE.md may pull in; none where there is no CLAUDE.md."""
    if not any(p.kind is Kind.ALWAYS_ON and p.dialect is Dialect.CLAUDE for p, _ in placed):
        return {}
    texts = ((s.path, decode(s, Findings(s.path))) for s in sources)
    return {path: text for path, text in texts if text is not None}


def _may_lack_header(place: Place) -> bool:
    claude = place.dialect is Dialect.CLAUDE and place.kind in {Kind.PROMPT, Kind.INSTRUCTIONS}
    return claude or place.kind is Kind.ALWAYS_ON


def _read(page: Page) -> Record | None:
    kind = page.place.kind
    match kind:
        case Kind.AGENT:
            return read_agent(page)
        case Kind.PROMPT:
            return read_prompt(page)
        case Kind.SKILL:
            return read_skill(page)
        case Kind.INSTRUCTIONS:
            return read_instructions(page)
        case Kind.ALWAYS_ON:
            return read_always_on(page)
        case Kind.MCP | Kind.HOOKS:
            return None
        case _:
            assert_never(kind)


def _addressed(
    prompts: Sequence[Prompt], agents: Sequence[Agent], diagnostics: list[Diagnostic]
) -> tuple[Prompt, ...]:
    """The prompts whose agent is there."""
    nobody = {p.file: d for p in prompts if (d := prompt_for_nobody(p, agents))}
    diagnostics += nobody.values()
    return tuple(p for p in prompts if p.file not in nobody)


def _constitution(always_on: Sequence[AlwaysOn], diagnostics: list[Diagnostic]) -> AlwaysOn | None:
    """The company's constitution, else its AGENTS.md, else its CLAUDE.md; none is worth a warning."""
    by_file = {record.file: record for record in always_on}
    found = next((by_file[f] for f in _CONSTITUTIONS if f in by_file), None)
    if not found:
        what = "no constitution: nothing holds for all agents"
        hint = f"write {CONSTITUTION}"
        diagnostics.append(
            Diagnostic(
                file=CONSTITUTION, level=Level.WARNING, code="no-constitution", message=what, hint=hint
            )
        )
    return found
