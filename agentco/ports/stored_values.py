"""What a store answers where no other room has a value for it; amounts are micro-dollars."""

from msgspec import Struct

from agentco.runs.run import RunPhase

COST_KEYS = ("agent", "model", "prompt", "day")
"""What the ledger can be summed by."""
AGENT_LINES_KEPT = 200_000
"""So many lines of agents are remembered, the latest."""
KEPT_VERSION_BYTES = 100_000_000
"""Of all versions of files that are kept to be put back."""


class WrittenFile(Struct, frozen=True, kw_only=True):
    """A version of a file that an act of a run wrote; `before` and `after` are sha256 in hex.

    `before` is empty where nothing stood, `kept` is the path where that version lies now, empty
    for nowhere. `effect` is 0 for what the founder had written by `--out`; `prompt` is the
    root's, empty for none; `at` is an ISO time.
    """

    path: str
    before: str = ""
    after: str
    kept: str = ""
    run: str
    root: str
    effect: int = 0
    agent: str
    prompt: str = ""
    at: str

    def is_of_prompt(self, name: str) -> bool:
        """Whether a run of this prompt wrote it; what no prompt wrote is of none."""
        return bool(name) and self.prompt == name


class UndoRecord(Struct, frozen=True, kw_only=True):
    """What was taken back of a run, or of an undo.

    `of` is its id; `files` are the versions that were to be written, those after are what stood
    there before; `done` is False as long as it was only begun. `at` is an ISO time.
    """

    name: str
    of: str
    at: str
    done: bool = False
    files: tuple[WrittenFile, ...] = ()


class StartedRun(Struct, frozen=True, kw_only=True):
    """A run as far as a standup needs it to see what was begun already."""

    title: str
    phase: RunPhase
    started: str


class LedgerSum(Struct, frozen=True, kw_only=True):
    """What some lines of the ledger come to.

    `stated_usd` is what answers themselves say that they cost, None where none says it;
    `stated_booked_usd` is what is booked for the same answers.
    """

    usd: int
    input_tokens: int
    output_tokens: int
    stated_usd: int | None = None
    stated_booked_usd: int = 0

    @property
    def usd_by_answers(self) -> int | None:
        """What it came to by what answers say, and by the ledger where they say nothing.

        None where no answer says anything.
        """
        if self.stated_usd is None:
            return None
        return self.usd - self.stated_booked_usd + self.stated_usd


class CostTotal(LedgerSum, frozen=True, kw_only=True):
    """What one key of the ledger came to; `plan_usd` of it is the list price of plans' answers."""

    key: str
    calls: int
    plan_usd: int = 0


class DayUsage(LedgerSum, frozen=True, kw_only=True):
    """What a model came to on a day of UTC by the ledger, without what plans answered."""

    day: str
    model: str


class Halt(Struct, frozen=True, kw_only=True):
    """Who is halted, since when and by whom; an empty scope is the whole company."""

    scope: str
    since: str
    by: str


class Restriction(Struct, frozen=True, kw_only=True):
    """An agent that may only read, since when and why."""

    agent: str
    since: str
    why: str
