"""The sample company made fresh: dates of today, and the team that was asked for.

Every ISO date on the board and in the memory is relative to TEMPLATE_DATE and moves with the day
of `init`. Legal deadlines do not move: the next occurrence is written from their rule.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date, timedelta

import msgspec

from agentco.board.document import BOARD_FILE as BOARD, read_board
from agentco.company.settings import SETTINGS_FILE as SETTINGS
from agentco.day.deadlines import occurrences
from agentco.kernel.dates import IsHoliday, next_working_day
from agentco.kernel.names import FOUNDER
from agentco.memory.graph import MEMORY_FILE as MEMORY
from agentco.review.triggers import missing_reviewers

TEMPLATE_DATE = date(2026, 11, 21)
ISO_DATE = re.compile(
    r"(?<![\d-])\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?![\d-])"
)
ROLE_LINE = re.compile(r"^\s+(?:orchestrator|improver): ([\w-]+)\s*(?:#.*)?$")
PROMPT_AGENT = re.compile(r"^agent: ['\"]?([\w-]+)", re.MULTILINE)
YEARS_AHEAD = timedelta(days=366 * 3)


CORE_TEAM = frozenset({"coo", "marketing", "accountant", "lawyer"})
Team = frozenset[str] | None
"""Which departments a new company starts with; None is all of them."""
TEAMS: Mapping[str, Team] = {"core": CORE_TEAM, "full": None}


def shift_dates(text: str, days: int) -> str:
    """`text` with every ISO date moved by `days`; what is no date of the calendar stays."""

    def shift(match: re.Match[str]) -> str:
        try:
            day = date.fromisoformat(match[0]) + timedelta(days=days)
        except (ValueError, OverflowError):
            return match[0]
        return day.isoformat()

    return ISO_DATE.sub(shift, text)


OFF_TRIGGERS = """
# Shipped triggers that call for departments this company does not have. Nobody could give these
# reviews, so they are off, as every trigger without words and patterns is. Once you add the
# department, delete its line.
triggers:
"""


def triggers_off(has_agent: Callable[[str], object]) -> str:
    """What new settings say of the shipped triggers that would call for nobody."""
    lines: list[str] = []
    for trigger, names in missing_reviewers((), has_agent).items():
        lines.append(f"  - {{name: {trigger}}}  # {' or '.join(names)}\n")
    return OFF_TRIGGERS + "".join(lines) if lines else ""


class FreshCompany:
    """The files of a company as of one day, for one team.

    `written_on` is the day on which the dates of the files are right.
    """

    def __init__(
        self,
        files: Mapping[str, str],
        today: date,
        team: Team,
        is_holiday: IsHoliday,
        *,
        written_on: date = TEMPLATE_DATE,
    ) -> None:
        self._files = files
        self._today = today
        self._days = (today - written_on).days
        self._is_holiday = is_holiday
        agents = set(filter(None, map(_agent_in_path, files)))
        self._agents = agents & team if team else agents
        self._present = {*self._agents, FOUNDER}
        self._prompts = {
            path.rpartition("/")[2].removesuffix(".prompt.md")
            for path, text in files.items()
            if _prompt_agent(path, text) in self._present
        }

    def files(self) -> Iterator[tuple[str, str]]:
        """Path and text of every file that this team needs."""
        adapt = {
            SETTINGS: self._team_settings,
            BOARD: self._team_board,
            MEMORY: self._team_memory,
        }
        for path, text in self._files.items():
            owner = _agent_in_path(path) or _prompt_agent(path, text)
            if owner is None or owner in self._present:
                yield path, adapt.get(path, str)(text)

    def _team_settings(self, text: str) -> str:
        """Without the lines that name a department that is not there."""
        kept: list[str] = []
        for line in text.splitlines(keepends=True):
            role = ROLE_LINE.match(line)
            if role is None or role[1] in self._agents:
                kept.append(line)
        return "".join(kept) + triggers_off(self._agents.__contains__)

    def _team_board(self, text: str) -> str:
        """Without the tasks of departments that are not there, and what is written below them."""
        board = read_board(shift_dates(text, self._days))
        lines = [*board.lines]
        for task in board.tasks:
            if task.owner and task.owner not in self._present:
                size = task.last - task.line + 1
                lines[task.line - 1 : task.last] = [""] * size
        return "".join(lines)

    def _team_memory(self, text: str) -> str:
        """Dates moved, deadlines written from their rules, no tracker of a missing prompt."""
        lines = filter(None, map(self._memory_line, text.splitlines()))
        return "".join(f"{line}\n" for line in lines)

    def _memory_line(self, line: str) -> str | None:
        record = msgspec.json.decode(line)
        kind = record.get("entityType")
        prompt = str(record.get("name", "")).removeprefix("prompt-run:")
        if kind == "prompt-run" and prompt not in self._prompts:
            return None
        shifted = shift_dates(line, self._days)
        if kind != "deadline":
            return shifted
        observations = map(self._present_owner, self._next_due(record["observations"]))
        deadline = msgspec.json.decode(shifted)
        deadline["observations"] = [*observations]
        return msgspec.json.encode(deadline).decode()

    def _next_due(self, observations: list[str]) -> list[str]:
        """`Due:` at the next occurrence by its rule, nothing done yet."""
        values = dict(text.split(": ", 1) for text in observations if ": " in text)
        first = date.fromisoformat(values["Due"])
        for day in occurrences(first, values.get("Recurs"), self._today + YEARS_AHEAD):
            due = next_working_day(day, self._is_holiday) if "Shift" in values else day
            if due >= self._today:
                dated = ("Due: ", "Done: ")
                others = [text for text in observations if not text.startswith(dated)]
                return [f"Due: {day}", *others]
        return [shift_dates(text, self._days) for text in observations]

    def _present_owner(self, observation: str) -> str:
        owner = observation.removeprefix("Owner: ")
        if owner == observation or owner in self._present:
            return observation
        return f"Owner: {FOUNDER}"


def _agent_in_path(path: str) -> str | None:
    """The agent whose file it is; None for any other file."""
    if not path.startswith(".github/agents/"):
        return None
    return path.rpartition("/")[2].removesuffix(".agent.md")


def _prompt_agent(path: str, text: str) -> str | None:
    """The agent that a prompt is for; None for any other file, and a prompt of nobody's."""
    agent = PROMPT_AGENT.search(text) if path.startswith(".github/prompts/") else None
    return agent[1] if agent else None
