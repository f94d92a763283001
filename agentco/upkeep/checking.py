"""Check the whole company: files, settings, references, schedules, board and memory."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from msgspec import Struct

from agentco.board.document import BOARD_FILE, TaskBoard
from agentco.company.records import rule_text
from agentco.company.settings import ModelOptions
from agentco.day.check_problems import record_problem, setting_problem
from agentco.day.company_check import (
    CheckInput,
    PromptLoad,
    check_company,
    prompt_loads,
)
from agentco.desk.open_company import OpenCompany
from agentco.desk.records import agent_tier
from agentco.kernel.errors import CompanyBroken, Diagnostic, Severity, StateBroken
from agentco.memory.graph import MEMORY_FILE, MemoryGraph
from agentco.permissions.rule_problems import rule_problem
from agentco.permissions.ruling import Ruling

T = TypeVar("T")
EXIT_WARNED = 1


class CompanyCheck(Struct, frozen=True, kw_only=True):
    """What is wrong with a company, file by file, and what its agents carry.

    `files` counts the files that were read; `strict` makes a warning a failure.
    """

    root: str
    files: int
    diagnostics: tuple[Diagnostic, ...]
    loads: tuple[PromptLoad, ...]
    strict: bool

    @property
    def exit_code(self) -> int:
        """What a command ends with."""
        levels = {diagnostic.level for diagnostic in self.diagnostics}
        if Severity.ERROR in levels:
            return CompanyBroken.exit_code
        warned = self.strict and Severity.WARNING in levels
        return EXIT_WARNED if warned else 0


def check(company: OpenCompany, *, strict: bool = False) -> CompanyCheck:
    """Check everything; `strict` also holds skills to their standard."""
    whole, broken = read_whole_company(company)
    diagnostics = [
        *check_company(whole, strict=strict),
        *unusable_permissions(whole),
        *impossible_answers(whole),
        *broken,
    ]
    diagnostics.sort(key=lambda each: (each.file, each.line or 0, each.code))
    return CompanyCheck(
        root=str(company.root),
        files=company.files.count_files(),
        diagnostics=tuple(diagnostics),
        loads=tuple(prompt_loads(whole.company)),
        strict=strict,
    )


def unusable_permissions(whole: CheckInput) -> Iterator[Diagnostic]:
    """Permission rules of the settings and of roles that say nothing, or not what they seem to."""
    code, hint = (
        "unusable-rule",
        "write it as Tool or Tool(pattern), such as Read(drafts/**)",
    )
    settings = whole.settings
    for kind in Ruling:
        for i, rule in enumerate(getattr(settings.settings.permissions, kind)):
            problem = rule_problem(rule_text(rule))
            if problem:
                path = ("permissions", str(kind), i)
                yield setting_problem(settings, path, code, problem, hint)
    for agent in whole.company.agents:
        key = "agentco.permissions"
        if agent.own.permissions.allow:
            what = (
                "what an agent's own file allows counts for nothing: it can only narrow"
            )
            only = "write it under permissions: in .github/agentco.yml, or remove it"
            yield record_problem(agent, key, "allows-itself", what, only)
        for kind in Ruling:
            for rule in getattr(agent.own.permissions, kind):
                problem = rule_problem(rule_text(rule))
                if problem:
                    yield record_problem(agent, key, code, problem, hint)


def impossible_answers(whole: CheckInput) -> Iterator[Diagnostic]:
    """Longest answers that leave no prompt, or that a model of the agent's does not write."""
    file = whole.settings
    settings = file.settings
    for name, options in settings.model_options.items():
        longest, context = options.max_output, options.context
        if longest and context and longest >= context:
            what = f"{name} reads {context:,} tokens, its answer included"
            what = f"{what}: max_output {longest:,} leaves nothing to the prompt"
            path = ("model_options", name, "max_output")
            hint = "write a larger context or a smaller max_output"
            yield setting_problem(file, path, "no-room-to-ask", what, hint)
    for agent in whole.company.agents:
        wanted = agent.own.max_output or 0
        tier_models = getattr(settings.models, agent_tier(agent))
        for name in (agent.own.model,) if agent.own.model else tier_models:
            options = settings.model_options.get(name, ModelOptions())
            if options.max_output and options.max_output < wanted:
                what = f"its answers may have {wanted:,} tokens"
                what = f"{what}, but {name} writes at most {options.max_output:,}"
                hint = "give it another model, or a smaller max_output"
                key = "agentco.max_output"
                yield record_problem(agent, key, "longer-than-written", what, hint)


def read_whole_company(company: OpenCompany) -> tuple[CheckInput, list[Diagnostic]]:
    """Read all of it, with an error for a board or memory that cannot be read at all."""
    broken: list[Diagnostic] = []

    def read(load: Callable[[], T], otherwise: T, file: str) -> T:
        try:
            return load()
        except StateBroken as error:
            diagnostic = Diagnostic(
                file=file,
                level=Severity.ERROR,
                code="unreadable",
                message=error.what,
                hint=error.hint,
            )
            broken.append(diagnostic)
            return otherwise

    files = company.files
    settings = files.settings()
    today = company.now().date()
    country = settings.settings.company.country
    whole = CheckInput(
        company=files.load(),
        settings=settings,
        board=read(company.board.read, TaskBoard(), BOARD_FILE),
        graph=read(company.memory.load_graph, MemoryGraph(), MEMORY_FILE),
        committed={path: files.read_text(path) for path in (BOARD_FILE, MEMORY_FILE)},
        today=today,
        is_holiday=company.holidays_for(country, today),
        exists=files.exists,
    )
    return whole, broken
