"""Make a company in a folder, or adopt what is there; no file is ever overwritten."""

from collections.abc import Collection, Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Protocol
from zoneinfo import ZoneInfo

from msgspec import Struct

from agentco.board.document import BOARD_FILE
from agentco.company.company import Company
from agentco.company.file_locations import FileKind, location_of
from agentco.company.settings import SETTINGS_FILE, Settings, read_settings
from agentco.day.fresh_company import TEAMS, FreshCompany, triggers_off
from agentco.day.prompt_trackers import adopted_trackers
from agentco.desk.open_company import OpenCompany
from agentco.file_formats.source_file import SourceFile
from agentco.kernel import package_data
from agentco.kernel.documents import in_dollars
from agentco.kernel.errors import AgentcoError, StateBroken, WrongUsage
from agentco.memory.git_rules import ATTRIBUTES_FILE, UNION_RULE, union_rule
from agentco.memory.graph import MEMORY_FILE
from agentco.memory.vouching import accept_claims
from agentco.overview.standup import scheduled_prompts
from agentco.upkeep.found_memory import (
    NO_MEMORY,
    FoundMemory,
    MemoryFolder,
    records_of,
    unite_memories,
)
from agentco.upkeep.leading_agents import role_settings
from agentco.upkeep.mcp_entries import (
    MCP_CONFIGS,
    McpConfig,
    has_memory_server,
    with_memory_server,
)
from agentco.upkeep.own_answers import CountryTable
from agentco.upkeep.own_company import EMPTY_BOARD, OwnCompany, is_filled_in, own_files

COMMON_TEMPLATES, OTHER_COUNTRIES = "common", "other"
"""The templates of every company, and those of a country that has none of its own."""
NO_MODEL_NOTE = "No model is configured, so nothing can be spent. "


class CompanyMaker(MemoryFolder, Protocol):
    """A folder that becomes a company, and the files that ship with agentco."""

    @property
    def root(self) -> Path:
        """The folder."""
        ...

    def template_files(self) -> Mapping[str, str]:
        """The texts of the sample company, by path."""
        ...

    def starter_files(self) -> Mapping[str, Mapping[str, str]]:
        """The templates of a company of one's own by path, for all and for each country."""
        ...

    @property
    def countries(self) -> CountryTable:
        """The countries of the world and their time zones."""
        ...

    def is_possible(self) -> bool:
        """Whether there is a folder, or may be one."""
        ...

    def has_files(self) -> bool:
        """Whether there is anything in the folder. Raises StateBroken."""
        ...

    def has_other_files(self, ours: Collection[str]) -> bool:
        """Whether there is anything else than these paths and git. Raises StateBroken."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is something at a path of the folder."""
        ...

    def own_sources(self) -> Iterable[SourceFile]:
        """The folder's own company files."""
        ...

    def replace_file(self, path: str, data: bytes) -> None:
        """Put other bytes in the place of a file. Raises StateBroken."""
        ...

    def is_repository(self) -> bool:
        """Whether the folder lies in a git repository."""
        ...

    def company_above(self) -> Path | None:
        """The first folder above this one that is a company too."""
        ...

    def hold_lock(self, path: str) -> AbstractContextManager[None]:
        """Keep every other process from writing a file."""
        ...


class NewCompany(Struct, frozen=True, kw_only=True):
    """What a folder is to become: the founder's own company, or the sample.

    `team` is None where nobody named one. `adopts` what is there already.
    """

    own: OwnCompany
    team: str | None = None
    is_sample: bool = False
    adopts: bool = False


class CompanyPlan(Struct, frozen=True, kw_only=True):
    """The texts that a folder is to have, by path, and which of them are not there yet.

    `was_empty` if nothing at all is in the folder. `memory` is what it has for one elsewhere.
    """

    files: Mapping[str, str]
    new: tuple[str, ...]
    was_empty: bool
    memory: FoundMemory = NO_MEMORY


class MadeCompany(Struct, frozen=True, kw_only=True):
    """What was written and what was left as it was; `caps` says what may be spent.

    `shared` are the MCP configurations that got the memory's entry beside what they
    held, `to_share` those that could not be changed without a loss.
    `union_rules` are the lines that git's attributes got beside what they held.
    `above` is a company that this one lies in, `trust_problem` says why a
    new company could not be trusted at once.
    """

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    union_rules: str
    shared: tuple[McpConfig, ...]
    to_share: tuple[McpConfig, ...]
    caps: str
    is_repository: bool
    above: Path | None
    trust_problem: str


def require_folder(maker: CompanyMaker) -> None:
    """Raise WrongUsage where there can be no folder."""
    if not maker.is_possible():
        hint = "name an existing folder, or a new one"
        raise WrongUsage(f"{str(maker.root)[:60]!r} cannot be a folder", hint=hint)


def plan_company(
    maker: CompanyMaker,
    company: OpenCompany,
    new: NewCompany,
    memory: FoundMemory = NO_MEMORY,
) -> CompanyPlan:
    """What a folder is to get: a company of one's own, the sample, or what its agents lack.

    Raises StateBroken if the folder cannot be looked into.
    """
    if new.adopts:
        files = adoption_files(maker.root, new.own.time_zone, company.files.load())
    elif new.is_sample:
        files = sample_files(maker, company, new.team)
    else:
        files = starter_files(maker, company, new)
    configs = {config.path: config.new_text() for config in MCP_CONFIGS}
    files = {**configs, **files}
    if memory.used:
        files[ATTRIBUTES_FILE] += union_rule(memory.used.path)
    return CompanyPlan(
        files=files,
        memory=memory,
        new=tuple(path for path in files if not maker.exists(path)),
        was_empty=not maker.has_files(),
    )


def make_company(
    maker: CompanyMaker, company: OpenCompany, plan: CompanyPlan
) -> MadeCompany:
    """Write what is not there yet; trust a company that is all our own.

    A memory that is used in place is linked before: see `link_memory` in `found_memory`.
    """
    written: list[str] = []
    kept: list[str] = []
    for path, text in plan.files.items():
        is_new = maker.write_if_missing(path, text)
        (written if is_new else kept).append(path)
    union_rules = unite_memories(maker, plan.memory) if ATTRIBUTES_FILE in kept else ""
    kept_configs = [config for config in MCP_CONFIGS if config.path in kept]
    shared, to_share = share_memory(maker, kept_configs)
    problem = trust_new_company(company) if plan.was_empty else ""
    if SETTINGS_FILE in written:
        own_records = records_of(plan.files[MEMORY_FILE])
        if plan.memory.used and own_records:
            company.memory.add(own_records)
        sign_memory(company, is_ours=MEMORY_FILE in written)
    if {SETTINGS_FILE, MEMORY_FILE} <= set(written):
        begin_quietly(company)
    if plan.memory.used:
        kept.remove(MEMORY_FILE)
        written.append(MEMORY_FILE)
    return MadeCompany(
        root=company.root,
        written=tuple(written),
        kept=tuple(kept),
        union_rules=union_rules,
        shared=shared,
        to_share=to_share,
        caps=describe_caps(company.files.settings().settings),
        is_repository=maker.is_repository(),
        above=maker.company_above(),
        trust_problem=problem,
    )


def share_memory(
    maker: CompanyMaker, configs: Iterable[McpConfig]
) -> tuple[tuple[McpConfig, ...], tuple[McpConfig, ...]]:
    """Name the memory in MCP configurations that are there: those changed, those left alone."""
    shared: list[McpConfig] = []
    left: list[McpConfig] = []
    for config in configs:
        try:
            text = (maker.read_file(config.path) or b"").decode()
        except (StateBroken, UnicodeDecodeError):
            left.append(config)
            continue
        if has_memory_server(config, text):
            continue
        changed = with_memory_server(config, text)
        if changed is None:
            left.append(config)
        else:
            maker.replace_file(config.path, changed.encode())
            shared.append(config)
    return tuple(shared), tuple(left)


def begin_quietly(company: OpenCompany) -> None:
    """Have no prompt of a new company run at once for what its memory tells of before."""
    zone = company.settings.time_zone
    prompts = scheduled_prompts(company.files.load(), zone)
    names = [prompt.name for prompt in prompts]
    company.memory.add(adopted_trackers(names, company.now()))


def trust_new_company(company: OpenCompany) -> str:
    """Trust a company that is all our own; return why that failed, as without a home."""
    try:
        company.state.settle(anew=True)  # another company may have been here before
        status = company.trust.status()
        company.trust.grant(status.reach, at=company.now_iso())
        company.begin_signing(status)
    except AgentcoError as error:
        return error.what
    return ""


def sign_memory(company: OpenCompany, *, is_ours: bool) -> None:
    """Adopt the memory of a new company; one that we did not write only where nobody is named.

    Where that fails, as without a home, everything waits for `agentco trust`, which says why.
    """
    with suppress(AgentcoError):
        company.begin_signing(company.trust.status())
        if is_ours:
            company.memory.adopt_existing_lines(accept_claims(company.now_iso()))
        else:
            company.memory.adopt_existing_lines()


def is_company(maker: CompanyMaker) -> bool:
    """Whether there is a company already: settings, or an agent that is not of ours.

    What an interrupted `init` has left is none, so that it goes on where it stopped.
    """
    if maker.exists(SETTINGS_FILE):
        return True
    shipped = [maker.template_files(), *maker.starter_files().values()]
    for source in maker.own_sources():
        place = location_of(source.path)
        if place is None or place.kind is not FileKind.AGENT:
            continue
        text = source.data.decode(errors="replace")
        templates = [files[source.path] for files in shipped if source.path in files]
        if not any(is_filled_in(text, template) for template in templates):
            return True
    return False


def has_other_files(maker: CompanyMaker) -> bool:
    """Whether a folder holds what no `init` has written. Raises StateBroken."""
    ours = {ATTRIBUTES_FILE, *maker.template_files()}
    ours.update(config.path for config in MCP_CONFIGS)
    for templates in maker.starter_files().values():
        ours.update(templates)
    return maker.has_other_files(ours)


def starter_files(
    maker: CompanyMaker, company: OpenCompany, new: NewCompany
) -> dict[str, str]:
    """A company of the founder's own, reduced to a team."""
    layers = maker.starter_files()
    of_country = layers.get(new.own.country, layers[OTHER_COUNTRIES])
    today = company.now().astimezone(ZoneInfo(new.own.time_zone)).date()
    files = own_files(
        {**layers[COMMON_TEMPLATES], **of_country},
        new.own,
        TEAMS[new.team or "full"],
        today=today,
        is_holiday=company.holidays_for(new.own.country or None, today),
    )
    return {ATTRIBUTES_FILE: UNION_RULE, **_settings_last(files)}


def _settings_last(files: Mapping[str, str]) -> dict[str, str]:
    """The files in an order in which the settings, which mark a company, are written last."""
    others = {path: text for path, text in files.items() if path != SETTINGS_FILE}
    return {**others, SETTINGS_FILE: files[SETTINGS_FILE]}


def sample_files(
    maker: CompanyMaker, company: OpenCompany, team: str | None
) -> dict[str, str]:
    """The sample company as of today where this machine is, reduced to a team."""
    template = maker.template_files()
    today = company.now().astimezone().date()
    country = read_settings(template[SETTINGS_FILE]).require_valid().company.country
    is_holiday = company.holidays_for(country, today)
    sample = FreshCompany(template, today, TEAMS[team or "full"], is_holiday)
    return {ATTRIBUTES_FILE: UNION_RULE, **dict(sample.files())}


def adoption_files(root: Path, time_zone: str, own: Company) -> dict[str, str]:
    """What a repository with agents of its own needs: settings, a board, a memory."""
    printable = (character for character in root.name if character.isprintable())
    # The name is a YAML scalar in single quotes, in which a quote is written twice.
    name = "".join(printable).replace("'", "''")
    template = package_data.load_text(__name__, "yml")
    settings = template.format(
        name=f"'{name}'", timezone=time_zone, roles=role_settings(own.agents)
    )
    return {
        BOARD_FILE: EMPTY_BOARD,
        MEMORY_FILE: "",
        ATTRIBUTES_FILE: UNION_RULE,
        SETTINGS_FILE: f"{settings}\n{triggers_off(own.find_agent)}",
    }


def describe_caps(settings: Settings) -> str:
    """What may be spent, as the settings say it."""
    budget = settings.budget
    models = settings.models
    caps = {
        "a call": budget.call,
        "a piece of work": budget.run,
        "a day": budget.company_day,
        "a month": budget.company_month,
    }
    amounts = (f"${in_dollars(cap):.2f} {period}" for period, cap in caps.items())
    has_model = any((models.light, models.medium, models.heavy, models.local))
    note = "" if has_model else NO_MODEL_NOTE
    return f"{note}The caps: {', '.join(amounts)}."
