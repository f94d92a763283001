"""The settings file `.github/agentco.yml`: every key it may have, with its default.

Amounts are integer micro-dollars, spans integer seconds or days. Keys that later commands use are read and
checked from the first day, so that a file written today stays valid.
"""

from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from agentco.company import (
    addresses,
    amounts,
    document,
    records,
    strict_yaml,
    struct_reader,
    yaml_values,
)
from agentco.company.amounts import Retention, whole
from agentco.company.source_file import Findings, Source
from agentco.kernel.errors import CompanyBroken, Diagnostic, Level

FILE = ".github/agentco.yml"
VERSION = 1

Seconds = Annotated[int, amounts.seconds]
Days = Annotated[int, amounts.days]
AtLeastOne = Annotated[int, whole(1)]


class Company(Struct, frozen=True, kw_only=True):
    """Who the company is; without an orchestrator the standup delegates nothing."""

    name: str | None = None
    timezone: Annotated[str, amounts.timezone_name] = "UTC"
    country: Annotated[str, amounts.country_code] | None = None
    language: str = "en"
    orchestrator: str | None = None
    improver: str | None = None


class Models(Struct, frozen=True, kw_only=True):
    """For each tier `provider/model` names, the first that can answer."""

    light: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    heavy: tuple[str, ...] = ()
    local: tuple[str, ...] = ()


class Provider(Struct, frozen=True, kw_only=True):
    """What differs from a provider's own defaults; `kind` is how it is spoken to."""

    kind: Literal["openai", "anthropic", "litellm"] | None = None
    api_base: Annotated[str, addresses.address] | None = None
    api_key_env: str | None = None


class Limit(Struct, frozen=True, kw_only=True):
    """How often a model may be called in a day, and for how much."""

    calls_per_day: int | None = None
    usd_per_day: struct_reader.Usd | None = None


class Price(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens."""

    input: struct_reader.Usd | None = None
    output: struct_reader.Usd | None = None


class Budget(Struct, frozen=True, kw_only=True):
    """The caps of DESIGN §7, in micro-dollars; turns and tool calls are per run."""

    call: struct_reader.Usd = 250_000
    run: struct_reader.Usd = 1_000_000
    agent_day: dict[str, struct_reader.Usd] = {}
    company_day: struct_reader.Usd = 3_000_000
    company_month: struct_reader.Usd = 30_000_000
    turns: AtLeastOne = 40
    tool_calls: AtLeastOne = 100


class Trigger(Struct, frozen=True, kw_only=True):
    """Which words in whose work call for whose review; `patterns` are what code sees beside words."""

    name: str = ""
    words: tuple[str, ...] = ()
    patterns: tuple[Literal["amount", "price-percent", "tax-date"], ...] = ()
    from_: tuple[str, ...] = field(name="from", default=())
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    public: bool | None = None


class Reviews(Struct, frozen=True, kw_only=True):
    """The limits of the protocol; the chain may only be made shorter."""

    max_chain: Annotated[int, whole(1, 3)] = 3
    max_revisions: Annotated[int, whole(0, 2)] = 2
    max_agents: Annotated[int, whole(1, 12)] = 12
    classifier: bool = False


class Claims(Struct, frozen=True, kw_only=True):
    """Phrases that public text may only use when a claim backs them."""

    watch: tuple[str, ...] = ()


class Voice(Struct, frozen=True, kw_only=True):
    """Words never used in public, and `I` or `we`."""

    never: tuple[str, ...] = ()
    first_person: Literal["singular", "plural"] | None = None


class Restarts(Struct, frozen=True, kw_only=True):
    """How many restarts within which span before a department is given up."""

    restarts: int = 3
    within: Seconds = 300


class RunLimits(Struct, frozen=True, kw_only=True):
    """When a run counts as hung or too large."""

    heartbeat: Seconds = 30
    memory_mb: AtLeastOne = 512
    minutes: AtLeastOne = 15


class Supervision(Struct, frozen=True, kw_only=True):
    """Limits of departments and of their runs."""

    agents: Restarts = Restarts()
    run: RunLimits = RunLimits()


class Sentry(Struct, frozen=True, kw_only=True):
    """Where production errors are counted."""

    org: str | None = None
    projects: tuple[str, ...] = ()
    token_env: str | None = None


class Signals(Struct, frozen=True, kw_only=True):
    """What the standup may look at outside the company."""

    sentry: Sentry | None = None
    http: tuple[str, ...] = ()
    feeds: tuple[str, ...] = ()


_KEPT = {
    "standup": "7d",
    "trend-scan": "7d",
    "campaign": "30d after Completed",
    "prompt-run": "last 20",
}
RETENTION = {kind: amounts.kept_for(rule) for kind, rule in _KEPT.items()}
FACTS = {"metric": 7, "client": 30, "compliance": 30}


class Settings(Struct, frozen=True, kw_only=True):
    """Everything the file may say."""

    version: Annotated[int, whole(1)] = VERSION
    company: Company = Company()
    models: Models = Models()
    providers: dict[str, Provider] = {}
    limits: dict[str, Limit] = {}
    prices: dict[str, Price] = {}
    budget: Budget = Budget()
    triggers: tuple[Trigger, ...] = ()
    reviews: Reviews = Reviews()
    permissions: records.Permissions = records.Permissions()
    commands: dict[str, tuple[str, ...]] = {}
    claims: Claims = Claims()
    links: dict[str, dict[str, str]] = {}
    voice: Voice = Voice()
    facts: dict[str, Days] = {}
    retention: dict[str, Annotated[Retention, amounts.kept_for]] = {}
    supervision: Supervision = Supervision()
    signals: Signals = Signals()
    notify: tuple[str, ...] = ()
    quiet_hours: Annotated[str, amounts.quiet] | None = None
    env: tuple[str, ...] = ()

    @property
    def zone(self) -> ZoneInfo:
        """Where the company's days begin and end."""
        return ZoneInfo(self.company.timezone)

    def max_age_days(self) -> dict[str, int]:
        """How old a fact of each time-sensitive type may be."""
        return FACTS | self.facts

    def kept(self) -> dict[str, Retention]:
        """How long entities of each type are kept."""
        return RETENTION | self.retention


class SettingsFile(Struct, frozen=True, kw_only=True):
    """The settings, where each value stands, and what was wrong with the file."""

    settings: Settings = Settings()
    lines: dict[yaml_values.Where, int] = {}
    diagnostics: tuple[Diagnostic, ...] = ()

    def usable(self) -> Settings:
        """The settings.

        Raises CompanyBroken with the first mistake: money and permissions are never guessed.
        """
        if wrong := [d for d in self.diagnostics if d.level is Level.ERROR]:
            more = (
                f" (and {len(wrong) - 1} more: agentco check)" if len(wrong) > 1 else ""
            )
            where = f"{FILE}:{wrong[0].line}" if wrong[0].line else FILE
            raise CompanyBroken(
                f"{where}: {wrong[0].message}{more}", hint=wrong[0].hint
            )
        return self.settings


def settings_of(source: Source) -> SettingsFile:
    """The settings in a file's bytes, with what must not stand in any company file."""
    found = Findings(source.path)
    file = read_settings(document.read_text(source, found) or "")
    return replace(file, diagnostics=(*found.diagnostics, *file.diagnostics))


def read_settings(text: str) -> SettingsFile:
    """The settings file as data, with every mistake found at once."""
    tree, found = strict_yaml.read_yaml(text, FILE), Findings(FILE)
    settings = struct_reader.Reader(found, tree.lines).struct(Settings, tree.value)
    if settings.version > VERSION:
        found = Findings(FILE)
        what = f"the settings are written for version {settings.version}, this agentco knows {VERSION}"
        hint = "update agentco; nothing is written with an older one"
        found.error("newer-version", what, hint, tree.lines["version",])
    mistakes = sorted(found.diagnostics, key=lambda d: d.line or 0)
    return SettingsFile(
        settings=settings, lines=tree.lines, diagnostics=(*tree.diagnostics, *mistakes)
    )
