"""The sample company made fresh: its dates follow the calendar, its team is the one that was asked for.

Every ISO date on the board and in the memory is relative to TEMPLATE_DATE and moves with the day of `init`.
Legal deadlines do not move: the next occurrence is written from their rule.
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date, timedelta

import msgspec

from agentco.board.document import BOARD_FILE as BOARD, FOUNDER, read_board
from agentco.company.settings import SETTINGS_FILE as SETTINGS
from agentco.day.deadlines import IsHoliday, next_working_day, occurrences
from agentco.memory.graph import MEMORY_FILE as MEMORY

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

    def moved(found: re.Match[str]) -> str:
        try:
            return (
                date.fromisoformat(found.group()) + timedelta(days=days)
            ).isoformat()
        except (ValueError, OverflowError):
            return found.group()

    return ISO_DATE.sub(moved, text)


class SampleCompany:
    """The files of the sample company as of one day, for one team."""

    def __init__(
        self, files: Mapping[str, str], today: date, team: Team, is_holiday: IsHoliday
    ) -> None:
        self._files = files
        self._today = today
        self._days = (today - TEMPLATE_DATE).days
        everyone = {name for path in files if (name := _agent_in_path(path))}
        self._agents = everyone & team if team else everyone
        self._is_holiday = is_holiday
        self._present = {*self._agents, FOUNDER}
        prompts = (
            path
            for path, text in files.items()
            if _prompt_agent(path, text) in self._present
        )
        self._prompts = {
            path.rsplit("/", 1)[-1].removesuffix(".prompt.md") for path in prompts
        }

    def files(self) -> Iterator[tuple[str, str]]:
        """Path and text of every file that this team needs."""
        changes = {
            SETTINGS: self._team_settings,
            BOARD: self._team_board,
            MEMORY: self._team_memory,
        }
        for path, text in self._files.items():
            if (
                _agent_in_path(path) or _prompt_agent(path, text) or FOUNDER
            ) in self._present:
                yield path, changes.get(path, str)(text)

    def _team_settings(self, text: str) -> str:
        """Without the lines that name a department that is not there."""
        lines = text.splitlines(keepends=True)
        return "".join(
            ln
            for ln in lines
            if not (role := ROLE_LINE.match(ln)) or role[1] in self._agents
        )

    def _team_board(self, text: str) -> str:
        """Without the tasks of departments that are not there, and what is written below them."""
        board = read_board(shift_dates(text, self._days))
        strangers = [
            task
            for task in board.tasks
            if task.owner and task.owner not in self._present
        ]
        gone = {
            number for task in strangers for number in range(task.line, task.last + 1)
        }
        return "".join(
            line
            for number, line in enumerate(board.lines, start=1)
            if number not in gone
        )

    def _team_memory(self, text: str) -> str:
        """Dates moved, deadlines written from their rules, no tracker of a prompt that is not there."""
        return "".join(
            line + "\n" for line in map(self._memory_line, text.splitlines()) if line
        )

    def _memory_line(self, line: str) -> str | None:
        record = msgspec.json.decode(line)
        prompt = str(record.get("name", "")).removeprefix("prompt-run:")
        if record.get("entityType") == "prompt-run" and prompt not in self._prompts:
            return None
        moved = shift_dates(line, self._days)
        if record.get("entityType") != "deadline":
            return moved
        observations = [
            self._present_owner(o) for o in self._next_due(record["observations"])
        ]
        return msgspec.json.encode(
            msgspec.json.decode(moved) | {"observations": observations}
        ).decode()

    def _next_due(self, observations: list[str]) -> list[str]:
        """`Due:` at the next occurrence by its rule, nothing done yet."""
        values = dict(o.split(": ", 1) for o in observations if ": " in o)
        for day in occurrences(
            date.fromisoformat(values["Due"]),
            values.get("Recurs"),
            self._today + YEARS_AHEAD,
        ):
            if (
                next_working_day(day, self._is_holiday) if "Shift" in values else day
            ) >= self._today:
                return [
                    f"Due: {day}",
                    *(o for o in observations if not o.startswith(("Due: ", "Done: "))),
                ]
        return [shift_dates(o, self._days) for o in observations]

    def _present_owner(self, observation: str) -> str:
        owner = observation.removeprefix("Owner: ")
        return (
            f"Owner: {FOUNDER}"
            if owner != observation and owner not in self._present
            else observation
        )


def _agent_in_path(path: str) -> str | None:
    return (
        path.rsplit("/", 1)[-1].removesuffix(".agent.md")
        if path.startswith(".github/agents/")
        else None
    )


def _prompt_agent(path: str, text: str) -> str | None:
    found = PROMPT_AGENT.search(text) if path.startswith(".github/prompts/") else None
    return found[1] if found else None
