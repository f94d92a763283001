"""The standup as one looks at it at 8 a.m.: what is urgent first, calm where nothing is."""

from collections.abc import Iterator
from textwrap import wrap

from rich.cells import cell_len

from agentco.day.plan import WEEK_DAYS, PlanLine, PlanRule
from agentco.day.report import StandupReport
from agentco.kernel.characters import terminal_safe
from agentco.terminal import screen
from agentco.terminal.screen import Style

MAX_PLAN_LINES = 20
INDENT = 5
URGENT_TASK_RULES = {
    PlanRule.CHRONIC_MISS,
    PlanRule.TASK_OVERDUE,
    PlanRule.INBOX,
    PlanRule.RUN_FAILED,
}
NOW_RULES = URGENT_TASK_RULES | {PlanRule.DEADLINE_OVERDUE, PlanRule.DEADLINE_CLOSE}
LATER_RULES = {
    PlanRule.HEALTH,
    PlanRule.FACT_STALE,
    PlanRule.LESSON_OPEN,
    PlanRule.IN_DOUBT,
    PlanRule.DEADLINE_AHEAD,
}
SECTIONS = (
    ("Now", Style.URGENT, NOW_RULES),
    ("Today", Style.SOON, {PlanRule.TASK_DUE_TODAY, PlanRule.TASK_BLOCKED}),
    ("This week", Style.LATER, {PlanRule.DEADLINE_THIS_WEEK, PlanRule.PROMPT_OVERDUE}),
    ("When there is time", Style.BOLD, LATER_RULES),
)

StyledLine = tuple[str, Style]


def print_plan(report: StandupReport, *, everything: bool) -> None:
    """Print the plan; the longest ones end with how to see the rest."""
    lines = report.plan if everything else report.plan[:MAX_PLAN_LINES]
    for words, look in screen_lines(report, lines, screen.terminal_width()):
        screen.print_text(words, look)


def print_delegations(report: StandupReport) -> None:
    """Print what the departments did, and what it cost."""
    if report.delegations:
        rows = [
            [d.agent, d.task, d.status, f"${d.cost_usd:.2f}", d.run or d.reason or ""]
            for d in report.delegations
        ]
        screen.print_text()
        screen.print_table(["department", "task", "status", "cost", "run"], rows)
        screen.print_text(
            "agentco runs show RUN shows what each brought, agentco inbox what waits for you"
        )
    for words, look in cost_lines(report):
        screen.print_text(words, look)


def screen_lines(
    report: StandupReport, lines: tuple[PlanLine, ...], width: int
) -> Iterator[StyledLine]:
    """Every line of the screen with its style."""
    day = report.date
    yield f"{report.company}, {day:%A} {day.day} {day:%B %Y}", Style.BOLD
    yield from ((part, Style.PLAIN) for part in wrap(summary_line(report), width))
    for title, look, rules in SECTIONS:
        section = [line for line in lines if line.rule in rules]
        if section:
            yield f"\n{title}", look
        for line in section:
            yield from plan_item_lines(
                line, width, Style.BOLD if title == "Now" else Style.PLAIN
            )
    if not lines:
        yield "\nNothing is due. A good day to build.", Style.GOOD
    if len(lines) < len(report.plan):
        yield (
            f"\n… and {len(report.plan) - len(lines)} more: agentco standup --all",
            Style.BOLD,
        )


def summary_line(report: StandupReport) -> str:
    """The morning in one line."""
    found = report.facts
    near = sum(d.days_left <= WEEK_DAYS for d in found.deadlines)
    counts = (
        (len(found.overdue_tasks), "overdue", "overdue"),
        (len(found.due_today), "due today", "due today"),
        (len(found.chronic), "to decide", "to decide"),
        (len(found.blocked), "blocked", "blocked"),
        (near, "deadline this week", "deadlines this week"),
        (len(found.overdue_prompts), "prompt to run", "prompts to run"),
    )
    return (
        " · ".join(f"{n} {one if n == 1 else many}" for n, one, many in counts if n)
        or "all quiet"
    )


def plan_item_lines(line: PlanLine, width: int, look: Style) -> Iterator[StyledLine]:
    """Title and owner, rule and source, and what to do: unbroken, so that it can be pasted."""
    owner = terminal_safe(line.owner)
    room = width - INDENT - cell_len(owner) - 2
    first, *rest = wrap(terminal_safe(line.title), room) or [""]
    gap = " " * (room - cell_len(first) + 2)
    yield f"{line.rank:3}  {first}{gap}{owner}", look
    for more in rest:
        yield f"{' ' * INDENT}{more}", look
    yield f"{' ' * INDENT}{terminal_safe(f'{line.rule} · {line.source}')}", Style.DIM
    for action in line.action.split("\n"):
        yield f"{' ' * INDENT}{terminal_safe(action)}", Style.DIM


def cost_lines(report: StandupReport) -> Iterator[StyledLine]:
    """What it cost and what it changed."""
    spend = report.spend
    money = f"spent ${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    if spend.day_plan_usd:
        money += f", of it ${spend.day_plan_usd:.2f} at list price (plan)"
    yield (
        f"\nwoke {report.models_called} models, ${report.cost_usd:.2f} · {money}",
        Style.DIM,
    )
    if report.changed:
        yield f"changed {', '.join(report.changed)}", Style.DIM
