"""Make a company in a folder, or adopt what is there; no file is ever overwritten."""

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, suppress
from pathlib import Path
from typing import Protocol

from msgspec import Struct

from agentco.board.document import BOARD_FILE
from agentco.company.company import Company
from agentco.company.file_locations import FileKind, location_of
from agentco.company.settings import SETTINGS_FILE, Settings, read_settings
from agentco.day.prompt_trackers import adopted_trackers
from agentco.day.sample_company import TEAMS, SampleCompany, triggers_off
from agentco.desk.open_company import OpenCompany
from agentco.file_formats.source_file import SourceFile
from agentco.kernel import package_data
from agentco.kernel.documents import in_dollars
from agentco.kernel.errors import AgentcoError, WrongUsage
from agentco.memory.git_rules import ATTRIBUTES_FILE, UNION_RULE
from agentco.memory.graph import MEMORY_FILE
from agentco.memory.vouching import accept_claims
from agentco.overview.standup import scheduled_prompts

EMPTY_BOARD = (
    "# Board\n\n## Backlog\n\n## This week\n\n## In progress\n\n## Blocked\n\n## Done\n"
)
NO_MODEL_NOTE = "No model is configured, so nothing can be spent. "


class CompanyMaker(Protocol):
    """A folder that becomes a company, and the sample that ships with agentco."""

    @property
    def root(self) -> Path:
        """The folder."""
        ...

    def template_files(self) -> Mapping[str, str]:
        """The texts of the sample company, by path."""
        ...

    def is_possible(self) -> bool:
        """Whether there is a folder, or may be one."""
        ...

    def has_files(self) -> bool:
        """Whether there is anything in the folder. Raises StateBroken."""
        ...

    def exists(self, path: str) -> bool:
        """Whether there is something at a path of the folder."""
        ...

    def own_sources(self) -> Iterable[SourceFile]:
        """The folder's own company files."""
        ...

    def write_if_missing(self, path: str, text: str) -> bool:
        """Write a file that is not there yet, whole or not at all; False if there is one."""
        ...

    def set_union_merge(self) -> bool:
        """Add the union rule to the attributes that are there; False if they have it."""
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


class CompanyPlan(Struct, frozen=True, kw_only=True):
    """The texts that a folder is to have, by path, and which of them are not there yet.

    `was_empty` if nothing at all is in the folder.
    """

    files: Mapping[str, str]
    new: tuple[str, ...]
    was_empty: bool


class MadeCompany(Struct, frozen=True, kw_only=True):
    """What was written and what was left as it was; `caps` says what may be spent.

    `above` is a company that this one lies in, `trust_problem` says why a
    new company could not be trusted at once.
    """

    root: Path
    written: tuple[str, ...]
    kept: tuple[str, ...]
    union_rule_added: bool
    caps: str
    is_repository: bool
    above: Path | None
    trust_problem: str


def plan_company(
    maker: CompanyMaker, company: OpenCompany, *, team: str | None, time_zone: str
) -> CompanyPlan:
    """What a folder is to get: the sample company, or what its own agents lack.

    `time_zone` is the founder's. Raises WrongUsage for an unknown team or what cannot
    be a folder, StateBroken if the folder cannot be looked into.
    """
    if not maker.is_possible():
        hint = "name one that is there, or a new one"
        raise WrongUsage(f"{str(maker.root)[:60]!r} cannot be a folder", hint=hint)
    files = _wanted_files(maker, company, team, time_zone)
    return CompanyPlan(
        files=files,
        new=tuple(path for path in files if not maker.exists(path)),
        was_empty=not maker.has_files(),
    )


def make_company(
    maker: CompanyMaker, company: OpenCompany, plan: CompanyPlan
) -> MadeCompany:
    """Write what is not there yet; trust a company that is all our own."""
    written: list[str] = []
    kept: list[str] = []
    for path, text in plan.files.items():
        is_new = maker.write_if_missing(path, text)
        (written if is_new else kept).append(path)
    union_rule_added = ATTRIBUTES_FILE in kept and maker.set_union_merge()
    problem = trust_new_company(company) if plan.was_empty else ""
    if SETTINGS_FILE in written:
        sign_memory(company, is_ours=MEMORY_FILE in written)
    if {SETTINGS_FILE, MEMORY_FILE} <= set(written):
        begin_quietly(company)
    return MadeCompany(
        root=company.root,
        written=tuple(written),
        kept=tuple(kept),
        union_rule_added=union_rule_added,
        caps=describe_caps(company.files.settings().settings),
        is_repository=maker.is_repository(),
        above=maker.company_above(),
        trust_problem=problem,
    )


def begin_quietly(company: OpenCompany) -> None:
    """Have no prompt of a new company run at once for what its memory tells of before."""
    zone = company.settings.time_zone
    prompts = scheduled_prompts(company.files.load(), zone)
    names = [prompt.name for prompt in prompts]
    company.memory.add(adopted_trackers(names, company.now()))


def _wanted_files(
    maker: CompanyMaker, company: OpenCompany, team: str | None, time_zone: str
) -> dict[str, str]:
    if team is None and is_company(maker):
        return adoption_files(maker.root, time_zone, company.files.load())
    return sample_files(maker, company, team)


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
    """Whether there is a company already: settings, or an agent not of the sample.

    What an interrupted `init` has left is none, so that it goes on where it stopped.
    """
    if maker.exists(SETTINGS_FILE):
        return True
    samples = maker.template_files()
    for source in maker.own_sources():
        place = location_of(source.path)
        is_agent = place is not None and place.kind is FileKind.AGENT
        if is_agent and source.data != samples.get(source.path, "").encode():
            return True
    return False


def sample_files(
    maker: CompanyMaker, company: OpenCompany, team: str | None
) -> dict[str, str]:
    """The sample company as of today where this machine is, reduced to a team."""
    if team is not None and team not in TEAMS:
        raise WrongUsage(f"no team {team!r}", hint="--team core or --team full")
    template = maker.template_files()
    today = company.now().astimezone().date()
    country = read_settings(template[SETTINGS_FILE]).require_valid().company.country
    is_holiday = company.holidays_for(country, today)
    sample = SampleCompany(template, today, TEAMS[team or "full"], is_holiday)
    return {ATTRIBUTES_FILE: UNION_RULE, **dict(sample.files())}


def adoption_files(root: Path, time_zone: str, own: Company) -> dict[str, str]:
    """What a repository with agents of its own needs: settings, a board, a memory."""
    printable = (character for character in root.name if character.isprintable())
    # The name is a YAML scalar in single quotes, in which a quote is written twice.
    name = "".join(printable).replace("'", "''")
    template = package_data.load_text(__name__, "yml")
    settings = template.format(name=f"'{name}'", timezone=time_zone)
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
