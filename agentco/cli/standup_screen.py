"""The standup as one looks at it at 8 a.m.: what is urgent first, calm where nothing is."""

from collections.abc import Iterator
from textwrap import wrap

from rich.cells import cell_len

from agentco.cli import screen
from agentco.cli.screen import Look
from agentco.day.plan import THIS_WEEK, PlanLine, Rule
from agentco.day.report import StandupReport
from agentco.kernel.characters import shown

MOST = 20
INDENT = 5
TASKS = {Rule.CHRONIC_MISS, Rule.TASK_OVERDUE, Rule.INBOX, Rule.RUN_FAILED}
NOW = TASKS | {Rule.DEADLINE_OVERDUE, Rule.DEADLINE_CLOSE}
LATER = {
    Rule.HEALTH,
    Rule.FACT_STALE,
    Rule.LESSON_OPEN,
    Rule.IN_DOUBT,
    Rule.DEADLINE_AHEAD,
}
SECTIONS = (
    ("Now", Look.URGENT, NOW),
    ("Today", Look.SOON, {Rule.TASK_DUE_TODAY, Rule.TASK_BLOCKED}),
    ("This week", Look.LATER, {Rule.DEADLINE_THIS_WEEK, Rule.PROMPT_OVERDUE}),
    ("When there is time", Look.BOLD, LATER),
)

Styled = tuple[str, Look]


def show(report: StandupReport, *, everything: bool) -> None:
    """Print the plan; the longest ones end with how to see the rest."""
    lines = report.plan if everything else report.plan[:MOST]
    for words, look in screen_lines(report, lines, screen.width()):
        screen.say(words, look)


def end(report: StandupReport) -> None:
    """Print what the departments did, and what it cost."""
    if report.delegations:
        rows = [
            [d.agent, d.task, d.status, f"${d.cost_usd:.2f}", d.run or d.reason or ""]
            for d in report.delegations
        ]
        screen.say()
        screen.table(["department", "task", "status", "cost", "run"], rows)
        screen.say(
            "agentco runs show RUN shows what each brought, agentco inbox what waits for you"
        )
    for words, look in ending(report):
        screen.say(words, look)


def screen_lines(
    report: StandupReport, lines: tuple[PlanLine, ...], width: int
) -> Iterator[Styled]:
    """Every line of the screen with its style."""
    day = report.date
    yield f"{report.company}, {day:%A} {day.day} {day:%B %Y}", Look.BOLD
    yield from ((part, Look.PLAIN) for part in wrap(summary(report), width))
    for title, look, rules in SECTIONS:
        section = [line for line in lines if line.rule in rules]
        if section:
            yield f"\n{title}", look
        for line in section:
            yield from item(line, width, Look.BOLD if title == "Now" else Look.PLAIN)
    if not lines:
        yield "\nNothing is due. A good day to build.", Look.GOOD
    if len(lines) < len(report.plan):
        yield (
            f"\n… and {len(report.plan) - len(lines)} more: agentco standup --all",
            Look.BOLD,
        )


def summary(report: StandupReport) -> str:
    """The morning in one line."""
    found = report.facts
    near = sum(d.days_left <= THIS_WEEK for d in found.deadlines)
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


def item(line: PlanLine, width: int, look: Look) -> Iterator[Styled]:
    """Title and owner, the rule and the source, and what to do: unbroken, so that it can be pasted."""
    owner = shown(line.owner)
    room = width - INDENT - cell_len(owner) - 2
    first, *rest = wrap(shown(line.title), room) or [""]
    gap = " " * (room - cell_len(first) + 2)
    yield f"{line.rank:3}  {first}{gap}{owner}", look
    for more in rest:
        yield f"{' ' * INDENT}{more}", look
    yield f"{' ' * INDENT}{shown(f'{line.rule} · {line.source}')}", Look.DIM
    for action in line.action.split("\n"):
        yield f"{' ' * INDENT}{shown(action)}", Look.DIM


def ending(report: StandupReport) -> Iterator[Styled]:
    """What it cost and what it changed."""
    spend = report.spend
    money = f"spent ${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today"
    yield (
        f"\nwoke {report.models_called} models, ${report.cost_usd:.2f} · {money}",
        Look.DIM,
    )
    if report.changed:
        yield f"changed {', '.join(report.changed)}", Look.DIM
