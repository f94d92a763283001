"""Who may do what, and which line says so."""

from collections.abc import Sequence
from itertools import groupby

from agentco.desk.policy import ActRuling, PolicyRow
from agentco.permissions.ruling import Ruling
from agentco.terminal import screen

IN_WORDS = {
    Ruling.ALLOW: "allowed",
    Ruling.ASK: "asks you first",
    Ruling.DENY: "never allowed",
}
BUILT_IN = "built in"


def print_act_ruling(ruling: ActRuling) -> None:
    """Print the ruling on one act, the rule and its line."""
    details = ruling.details
    who = f" by {ruling.agent}" if ruling.agent else ""
    screen.print_text(f"{ruling.act}{who}: {IN_WORDS[details.ruling]}")
    place = place_of(details.file, details.line)
    screen.print_text(f"{details.why} ({place})")


def print_policy(rows: Sequence[PolicyRow]) -> None:
    """Print every rule with whom it concerns; what is built in for the same agents in one row."""
    cells: list[list[str]] = []
    for key, group in groupby(rows, key=_shown_together):
        ruling, who, place = key
        rules = ", ".join(row.rule for row in group)
        cells.append([ruling, rules, who, place])
    screen.print_table(["ruling", "what", "who", "from"], cells)
    for row in rows:
        if row.problem:
            screen.print_note(f"{place_of(row.file, row.line)}: {row.problem}")


def place_of(file: str | None, line: int | None) -> str:
    """Where a rule stands."""
    if file is None:
        return BUILT_IN
    return f"{file}:{line}" if line else file


def _shown_together(row: PolicyRow) -> tuple[str, str, str]:
    who = "everybody" if row.of_all else ", ".join(row.who) or "nobody"
    return row.ruling, who, place_of(row.file, row.line)
