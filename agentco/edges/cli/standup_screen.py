"""The standup as one looks at it at 8 a.m.: what is urgent first, calm where nothing is."""

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.rule import Rule as Line
from rich.table import Table
from rich.text import Text

from agentco.company.characters import shown
from agentco.edges.cli import screen
from agentco.work.plan import THIS_WEEK, PlanLine, Rule

if TYPE_CHECKING:
    from agentco.work.report import StandupReport

MOST = 20
SECTIONS = (
    ("Now", "bold red", {Rule.DEADLINE_OVERDUE, Rule.DEADLINE_CLOSE, Rule.CHRONIC_MISS, Rule.TASK_OVERDUE}),
    ("Today", "bold yellow", {Rule.TASK_DUE_TODAY, Rule.TASK_BLOCKED}),
    ("This week", "bold cyan", {Rule.DEADLINE_THIS_WEEK, Rule.PROMPT_OVERDUE}),
    ("When there is time", "bold", {Rule.HEALTH, Rule.FACT_STALE, Rule.LESSON_OPEN, Rule.DEADLINE_AHEAD}),
)


def show(report: "StandupReport", *, everything: bool) -> None:
    """Print the plan; the longest ones end with how to see the rest."""
    lines = report.plan if everything else report.plan[:MOST]
    parts: list[RenderableType] = [heading(report), Text(shown(summary(report)))]
    for title, style, rules in SECTIONS:
        if section := [line for line in lines if line.rule in rules]:
            parts += [Text(""), Text(title, style=style), items(section, "bold" if title == "Now" else "")]
    if not lines:
        parts += [Text(""), Text("Nothing is due. A good day to build.", style="green")]
    if len(lines) < len(report.plan):
        parts += [Text(f"… and {len(report.plan) - len(lines)} more: agentco standup --all", style="dim")]
    screen.draw(Group(*parts, Text(""), ending(report)))


def heading(report: "StandupReport") -> RenderableType:
    """The company and the day."""
    day = report.date
    title = Text.assemble((shown(report.company), "bold"), f"  {day:%A} {day.day} {day:%B %Y}")
    return Line(title, align="left", style="dim")


def summary(report: "StandupReport") -> str:
    """The morning in one line."""
    found = report.facts
    counts = (
        (len(found.overdue_tasks), "overdue"),
        (len(found.due_today), "due today"),
        (len(found.chronic), "to decide"),
        (len(found.blocked), "blocked"),
        (sum(d.days_left <= THIS_WEEK for d in found.deadlines), "deadlines this week"),
        (len(found.overdue_prompts), "scheduled work not run"),
    )
    return " · ".join(f"{n} {what}" for n, what in counts if n) or "all quiet"


def items(lines: list[PlanLine], style: str) -> RenderableType:
    """Plan lines: title and owner, below them the rule, the source and what to do."""
    grid = Table.grid(padding=(0, 1), expand=True)
    grid.add_column(justify="right", width=3)
    grid.add_column(ratio=1, overflow="fold")
    for line in lines:
        head = Table.grid(padding=(0, 1), expand=True)
        head.add_column(ratio=1, overflow="fold")
        head.add_column(justify="right", no_wrap=True)
        head.add_row(Text(shown(line.title), style=style), Text(shown(line.owner), style="cyan"))
        grid.add_row(Text(f"{line.rank}"), head)
        grid.add_row("", Text(shown(f"{line.rule} · {line.source} → {line.action}"), style="dim"))
    return grid


def ending(report: "StandupReport") -> RenderableType:
    """What it cost and what it changed."""
    spend = report.spend
    money = f"spent ${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    lines = [Text(f"woke {report.models_called} models, ${report.cost_usd:.2f} · {money}", style="dim")]
    if report.changed:
        lines.append(Text(f"changed {', '.join(report.changed)}", style="dim"))
    return Group(*lines)
