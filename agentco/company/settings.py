"""The settings file `.github/agentco.yml`: every key it may have, with its default.

Amounts are integer micro-dollars, spans integer seconds or days. Keys that later commands use are
read and checked from the first day, so that a file written today stays valid.
"""

from typing import Annotated, Literal, TypeAlias
from zoneinfo import ZoneInfo

from msgspec import Struct, field
from msgspec.structs import replace

from agentco.company.addresses import parse_address
from agentco.company.records import AnswerTokens, Permissions, Reasoning
from agentco.file_formats import amounts
from agentco.file_formats.amounts import Retention, whole_number_from
from agentco.file_formats.document import read_text
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.file_formats.strict_yaml import read_yaml
from agentco.file_formats.struct_reader import StructReader, Usd
from agentco.file_formats.yaml_values import KeyPath
from agentco.kernel.errors import CompanyBroken, Diagnostic, Severity

SETTINGS_FILE = ".github/agentco.yml"
SETTINGS_VERSION = 1

Seconds = Annotated[int, amounts.parse_seconds]
Days = Annotated[int, amounts.parse_days]
Percent = Annotated[int, amounts.parse_percent]
AtLeastOne = Annotated[int, whole_number_from(1)]
ContextTokens = Annotated[int, whole_number_from(2048)]


class CompanyProfile(Struct, frozen=True, kw_only=True):
    """Who the company is; without an orchestrator the standup delegates nothing.

    `offer_delegation` has every standup at a terminal ask whether to delegate, with the cost.
    """

    name: str | None = None
    timezone: Annotated[str, amounts.parse_time_zone] = "UTC"
    country: Annotated[str, amounts.parse_country_code] | None = None
    language: str = "en"
    orchestrator: str | None = None
    offer_delegation: bool = False
    improver: str | None = None


class TierModels(Struct, frozen=True, kw_only=True):
    """For each tier `provider/model` names, the first that can answer."""

    light: tuple[str, ...] = ()
    medium: tuple[str, ...] = ()
    heavy: tuple[str, ...] = ()
    local: tuple[str, ...] = ()


class TierOutput(Struct, frozen=True, kw_only=True):
    """The longest answer of each tier in tokens, where neither agent nor model says it."""

    light: AnswerTokens = 4_000
    medium: AnswerTokens = 8_000
    heavy: AnswerTokens = 16_000
    local: AnswerTokens = 4_000


WireKind: TypeAlias = Literal[
    "openai", "anthropic", "litellm", "claude-code", "copilot"
]
"""How a provider is spoken to."""


class ModelOptions(Struct, frozen=True, kw_only=True):
    """How a model is asked: the tokens that it reads, question and answer together.

    `max_output` is the most that it writes, `reasoning` how much it thinks. `prompt` says whether
    it is told all, or only in brief.
    """

    context: ContextTokens | None = None
    max_output: AnswerTokens | None = None
    reasoning: Reasoning | None = None
    prompt: Literal["brief", "full"] | None = None


class Provider(Struct, frozen=True, kw_only=True):
    """What differs from a provider's own defaults.

    `program` is that of a plan, where it is not the usual one on the PATH.
    """

    kind: WireKind | None = None
    api_base: Annotated[str, parse_address] | None = None
    api_key_env: str | None = None
    program: str | None = None


class ModelLimit(Struct, frozen=True, kw_only=True):
    """How often a model may be called in a day, with how many tokens, for how much, and how long.

    `leave` is the founder's own share of each window of a plan, in percent.
    """

    calls_per_day: int | None = None
    tokens_per_day: AtLeastOne | None = None
    usd_per_day: Usd | None = None
    longest_call: Seconds | None = None
    leave: Percent | None = None


class Price(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens; `cached` are read from a cache, `written` to one."""

    input: Usd | None = None
    output: Usd | None = None
    cached: Usd | None = None
    written: Usd | None = None


class Budget(Struct, frozen=True, kw_only=True):
    """The caps of DESIGN §7, in micro-dollars; turns and tool calls are per run."""

    call: Usd = 250_000
    run: Usd = 1_000_000
    agent_day: dict[str, Usd] = {}
    company_day: Usd = 3_000_000
    company_month: Usd = 30_000_000
    turns: AtLeastOne = 40
    tool_calls: AtLeastOne = 100


class Trigger(Struct, frozen=True, kw_only=True):
    """Which words in whose work call for whose review; `patterns` are what only code sees.

    `add` and `drop` change the words of a shipped trigger; next to a phrase of `unless` no word
    counts.
    """

    name: str = ""
    words: tuple[str, ...] = ()
    add: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    patterns: tuple[Literal["amount", "price-percent", "tax-date"], ...] = ()
    from_: tuple[str, ...] = field(name="from", default=())
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    public: bool | None = None


Strictness: TypeAlias = Literal["low", "normal", "high", "off"]
"""How readily a sentence without a strong term calls for a review; `off` is never."""


class ReviewLimits(Struct, frozen=True, kw_only=True):
    """The limits of the protocol; the chain may only be made shorter."""

    max_chain: Annotated[int, whole_number_from(1, 3)] = 3
    max_revisions: Annotated[int, whole_number_from(0, 2)] = 2
    max_agents: Annotated[int, whole_number_from(1, 12)] = 12
    classifier: bool = False
    strictness: Strictness = "normal"

    @property
    def lowered_strictness(self) -> Strictness | None:
        """The strictness, where it calls for fewer reviews than without the setting."""
        return self.strictness if self.strictness in {"low", "off"} else None


class ClaimPhrases(Struct, frozen=True, kw_only=True):
    """Phrases that public text may only use when a claim backs them."""

    watch: tuple[str, ...] = ()


class Voice(Struct, frozen=True, kw_only=True):
    """Words never used in public, and `I` or `we`."""

    never: tuple[str, ...] = ()
    first_person: Literal["singular", "plural"] | None = None


class RestartLimits(Struct, frozen=True, kw_only=True):
    """How many restarts within which span before a department is given up."""

    restarts: int = 3
    within: Seconds = 300


class RunLimits(Struct, frozen=True, kw_only=True):
    """When a run counts as hung or too large."""

    heartbeat: Seconds = 30
    memory_mb: AtLeastOne = 512
    minutes: AtLeastOne = 15


class SupervisionLimits(Struct, frozen=True, kw_only=True):
    """Limits of departments and of their runs."""

    agents: RestartLimits = RestartLimits()
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


_RETENTION_RULES = {
    "standup": "7d",
    "trend-scan": "7d",
    "campaign": "30d after Completed",
    "prompt-run": "last 20",
}
DEFAULT_RETENTION = {
    kind: amounts.parse_retention(rule) for kind, rule in _RETENTION_RULES.items()
}
DEFAULT_FACT_DAYS = {"metric": 7, "client": 30, "compliance": 30}


class Settings(Struct, frozen=True, kw_only=True):
    """Everything the file may say."""

    version: Annotated[int, whole_number_from(1)] = SETTINGS_VERSION
    company: CompanyProfile = CompanyProfile()
    models: TierModels = TierModels()
    providers: dict[str, Provider] = {}
    max_output: TierOutput = TierOutput()
    model_options: dict[str, ModelOptions] = {}
    limits: dict[str, ModelLimit] = {}
    prices: dict[str, Price] = {}
    budget: Budget = Budget()
    triggers: tuple[Trigger, ...] = ()
    reviews: ReviewLimits = ReviewLimits()
    permissions: Permissions = Permissions()
    commands: dict[str, tuple[str, ...]] = {}
    claims: ClaimPhrases = ClaimPhrases()
    links: dict[str, dict[str, str]] = {}
    voice: Voice = Voice()
    facts: dict[str, Days] = {}
    retention: dict[str, Annotated[Retention, amounts.parse_retention]] = {}
    supervision: SupervisionLimits = SupervisionLimits()
    signals: Signals = Signals()
    notify: tuple[str, ...] = ()
    quiet_hours: Annotated[str, amounts.parse_quiet_hours] | None = None
    env: tuple[str, ...] = ()

    @property
    def time_zone(self) -> ZoneInfo:
        """Where the company's days begin and end."""
        return ZoneInfo(self.company.timezone)

    def max_age_days(self) -> dict[str, int]:
        """How old a fact of each time-sensitive type may be."""
        return DEFAULT_FACT_DAYS | self.facts

    def retention_by_type(self) -> dict[str, Retention]:
        """How long entities of each type are kept."""
        return DEFAULT_RETENTION | self.retention


class SettingsFile(Struct, frozen=True, kw_only=True):
    """The settings, where each value stands, and what was wrong with the file."""

    settings: Settings = Settings()
    lines: dict[KeyPath, int] = {}
    diagnostics: tuple[Diagnostic, ...] = ()

    def require_valid(self) -> Settings:
        """The settings.

        Raises CompanyBroken with the first mistake: money and permissions are never guessed.
        """
        errors = [d for d in self.diagnostics if d.level is Severity.ERROR]
        if not errors:
            return self.settings
        first = errors[0]
        where = f"{SETTINGS_FILE}:{first.line}" if first.line else SETTINGS_FILE
        more = f" (and {len(errors) - 1} more: agentco check)" if errors[1:] else ""
        raise CompanyBroken(f"{where}: {first.message}{more}", hint=first.hint)


def read_settings_file(source: SourceFile) -> SettingsFile:
    """The settings in a file's bytes; also reports what must not stand in any company file."""
    findings = FileFindings(source.path)
    file = read_settings(read_text(source, findings) or "")
    return replace(file, diagnostics=(*findings.diagnostics, *file.diagnostics))


def read_settings(text: str) -> SettingsFile:
    """The settings file as data, with every mistake found at once."""
    tree = read_yaml(text, SETTINGS_FILE)
    findings = FileFindings(SETTINGS_FILE)
    settings = StructReader(findings, tree.lines).read_struct(Settings, tree.value)
    if settings.version > SETTINGS_VERSION:
        # what a newer version means by its keys is unknown, so nothing else is reported
        findings = FileFindings(SETTINGS_FILE)
        what = (
            f"the settings are written for version {settings.version}, "
            f"this agentco knows {SETTINGS_VERSION}"
        )
        hint = "update agentco; nothing is written with an older one"
        findings.error("newer-version", what, hint, tree.lines["version",])
    mistakes = sorted(findings.diagnostics, key=lambda mistake: mistake.line or 0)
    return SettingsFile(
        settings=settings, lines=tree.lines, diagnostics=(*tree.diagnostics, *mistakes)
    )
