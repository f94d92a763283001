"""The standup as one looks at it at 8 a.m.: on one screen, a line for each thing to do."""

from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

from rich.cells import cell_len

from agentco.day.plan import PlanLine, PlanRule
from agentco.day.report import StandupReport
from agentco.kernel.characters import terminal_safe
from agentco.kernel.names import FOUNDER
from agentco.terminal import screen
from agentco.terminal.cells import clip, join_parts, wrap_cells
from agentco.terminal.local_time import local_text
from agentco.terminal.pager import show_paged
from agentco.terminal.screen import Span, Style
from agentco.terminal.shared_rows import share_rows

PIPED_ROWS = 200
"""How many lines there are where no screen ends; nobody reads more of a plan."""
INDENT = 5
SHORTEST_START = 12
"""How much of a title must stand before how late it is."""
OWNER_WIDTH = 100
"""From this width on, a short line has room for whose it is."""
USUAL_COMMAND = 0.4
MAX_COMMAND = 0.65
"""The parts of a line that commands usually and at most take; the whole plan has longer ones."""
FULL = "agentco standup --full"
NOTHING_DUE = "Nothing is due. A good day to build."

OVERDUE = {PlanRule.DEADLINE_OVERDUE, PlanRule.CHRONIC_MISS, PlanRule.TASK_OVERDUE}
WAITING = {PlanRule.INBOX, PlanRule.RUN_FAILED}
THIS_WEEK = {PlanRule.DEADLINE_THIS_WEEK, PlanRule.PROMPT_OVERDUE}
IDLE_HOUR = {
    PlanRule.HEALTH,
    PlanRule.FACT_STALE,
    PlanRule.LESSON_OPEN,
    PlanRule.IN_DOUBT,
    PlanRule.DEADLINE_AHEAD,
}


class Section(NamedTuple):
    """A part of the plan under a heading; `told` is how more of it is told."""

    title: str
    told: str
    look: Style
    rules: set[PlanRule]


SHORT_SECTIONS = (
    Section("Late", "late", Style.URGENT, OVERDUE),
    Section(
        "Today",
        "due today",
        Style.SOON,
        {PlanRule.DEADLINE_TODAY, PlanRule.TASK_DUE_TODAY},
    ),
    Section(
        "In two days",
        "due in two days",
        Style.SOON,
        {PlanRule.DEADLINE_CLOSE, PlanRule.TASK_CLOSE},
    ),
    Section("Waits for you", "waiting for you", Style.SOON, WAITING),
    Section("To read", "to read", Style.LATER, {PlanRule.FILE_MADE}),
    Section("This week", "this week", Style.LATER, THIS_WEEK),
    Section("Blocked", "blocked", Style.BOLD, {PlanRule.TASK_BLOCKED}),
    Section("When there is time", "when there is time", Style.BOLD, IDLE_HOUR),
)
FULL_SECTIONS = (
    Section(
        "Now",
        "now",
        Style.URGENT,
        OVERDUE | WAITING | {PlanRule.DEADLINE_TODAY, PlanRule.DEADLINE_CLOSE},
    ),
    Section("Today", "due today", Style.SOON, {PlanRule.TASK_DUE_TODAY}),
    Section("In two days", "due in two days", Style.SOON, {PlanRule.TASK_CLOSE}),
    *SHORT_SECTIONS[4:],
)
Line = tuple[Span, ...]


def print_plan(report: StandupReport, *, notes: int = 0) -> None:
    """Print the plan on one screen, below so many lines of notes."""
    width = screen.terminal_width()
    rows = screen.terminal_rows()
    # One line is for the prompt that comes after it.
    room = rows - 1 - notes if rows else PIPED_ROWS
    screen.write(rendered(short_plan(report, width, room)))


def print_full_plan(report: StandupReport, *, paged: bool) -> None:
    """Print the plan with every source, rule and command, in a pager if that may be."""
    width = screen.terminal_width()
    lines = [*full_plan(report, width), *cost_lines(report, width)]
    show_paged(rendered(lines), wanted=paged)


def print_delegations(report: StandupReport) -> None:
    """Print what the departments did, and what it cost."""
    rows = [
        [d.agent, d.task, d.status, f"${d.cost_usd:.2f}", d.run or d.reason or ""]
        for d in report.delegations
    ]
    screen.print_text()
    screen.print_table(["department", "task", "status", "cost", "run"], rows)
    screen.print_text(
        "agentco runs show RUN shows what each brought, agentco inbox what waits for you"
    )
    screen.write(rendered(cost_lines(report, screen.terminal_width())))


def rendered(lines: Iterable[Line]) -> str:
    """Lines as they go to the terminal."""
    return "".join(
        f"{''.join(screen.styled(text, look) for text, look in line)}\n"
        for line in lines
    )


def short_plan(report: StandupReport, width: int, rows: int) -> list[Line]:
    """The plan in at most so many lines, each item in one; what is left out is told."""
    head = head_lines(report, width)
    foot = cost_lines(report, width)
    parts = [section_lines(report.plan, section) for section in SHORT_SECTIONS]
    counts = [len(part) for part in parts]
    room = rows - len(head) - len(foot)
    shown = share_rows(counts, room)
    is_roomy = share_rows(counts, room - 1) == shown
    seen = [part[:count] for part, count in zip(parts, shown, strict=True)]
    longest = longest_title([line for part in seen for line in part], width)
    lines = list(head)
    if not report.plan:
        lines.append(((f"\n{NOTHING_DUE}", Style.GOOD),))
    for section, whole, part in zip(SHORT_SECTIONS, parts, seen, strict=True):
        if part:
            lines.append(((f"\n{section.title}", section.look),))
            column = command_column(part, width, longest)
            lines += [short_line(line, width, column) for line in part]
        if 0 < len(part) < len(whole):
            left = len(whole) - len(part)
            lines.append(more_line(f"  {left} more {section.told}"))
    hidden = [
        f"{len(whole)} {section.told}"
        for section, whole, part in zip(SHORT_SECTIONS, parts, seen, strict=True)
        if whole and not part
    ]
    if hidden:
        words = clip(f"also {', '.join(hidden)}", width - cell_len(FULL) - 2)
        lines.append(more_line(words))
    if is_roomy:
        lines.append(())
    return [*lines, *foot]


def section_lines(plan: Sequence[PlanLine], section: Section) -> tuple[PlanLine, ...]:
    """The lines of a plan that stand in a section."""
    return tuple(line for line in plan if line.rule in section.rules)


def more_line(words: str) -> Line:
    """What is left out here, and the command that shows it."""
    return ((f"{words}: ", Style.PLAIN), (FULL, Style.COMMAND))


def command_column(lines: Sequence[PlanLine], width: int, longest: int) -> int:
    """Where the commands of a section begin: all but the longest stand one below the other.

    `longest` is the cells that the titles of the whole screen may take.
    """
    lengths = [cell_len(shown_command(line, width)) for line in lines]
    usual = [length for length in lengths if length <= width * USUAL_COMMAND]
    return min(width - max(usual, default=0), longest + 4)


def longest_title(lines: Iterable[PlanLine], width: int) -> int:
    """The cells that the longest title takes, where nothing stands beside it."""
    titles = [short_title(line, width, owner=width >= OWNER_WIDTH) for line in lines]
    return max(map(cell_len, titles), default=0)


def shown_command(line: PlanLine, width: int) -> str:
    """The command of a line, or the one that shows it where it is too long for a line.

    A command of more than half the line gives way where the title could not be read beside it.
    """
    command = terminal_safe(line.command)
    length = cell_len(command)
    start = " ".join(terminal_safe(line.title).split()).removesuffix(line.when)
    shortest = cell_len(start.rstrip(" ,:")) + cell_len(line.when.partition(",")[0]) + 2
    room, roomiest = width - length - 4, width - cell_len(FULL) - 4
    crowds = length > width / 2 and room < shortest <= roomiest
    return FULL if crowds or length > width * MAX_COMMAND else command


def short_line(line: PlanLine, width: int, column: int) -> Line:
    """What is to be done, and the command for it at the end of the same line."""
    command = shown_command(line, width)
    start = min(column, width - cell_len(command))
    what = f"  {short_title(line, start - 4, owner=width >= OWNER_WIDTH)}"
    gap = " " * (start - cell_len(what))
    return ((f"{what}{gap}", Style.PLAIN), (command, Style.COMMAND))


def short_title(line: PlanLine, room: int, *, owner: bool) -> str:
    """The title in so many cells: how late it is stays; the date and the owner if there is room."""
    title = " ".join(terminal_safe(line.title).split())
    whose = f" @{terminal_safe(line.owner)}" if owner and line.owner != FOUNDER else ""
    if cell_len(title) + cell_len(whose) <= room:
        return f"{title}{whose}"
    when = terminal_safe(line.when)
    start = title.removesuffix(when).rstrip(" ,:")
    in_days = when.partition(",")[0]
    if when and cell_len(f"{start}, {in_days}") <= room:
        return f"{start}, {in_days}"
    for words in filter(None, (when, in_days)):
        if cell_len(words) + SHORTEST_START <= room:
            return f"{clip(start, room - cell_len(words) - 2)}, {words}"
    return clip(title, room - cell_len(whose)) + whose


def full_plan(report: StandupReport, width: int) -> Iterator[Line]:
    """Every line of the plan with its owner, rule, source and whole action."""
    yield from head_lines(report, width)
    for section in FULL_SECTIONS:
        part = section_lines(report.plan, section)
        if part:
            yield ((f"\n{section.title}", section.look),)
        for line in part:
            yield from full_lines(line, width)
    if not report.plan:
        yield ((f"\n{NOTHING_DUE}", Style.GOOD),)
    yield ()


def full_lines(line: PlanLine, width: int) -> Iterator[Line]:
    """Title and owner, rule and source, and what to do: unbroken, so that it can be pasted."""
    owner = terminal_safe(line.owner)
    room = width - INDENT - cell_len(owner) - 2
    margin = " " * INDENT
    first, *rest = wrap_cells(terminal_safe(line.title), room)
    gap = " " * (room - cell_len(first) + 2)
    yield ((f"{line.rank:3}  {first}{gap}{owner}", Style.BOLD),)
    for more in rest:
        yield ((f"{margin}{more}", Style.BOLD),)
    source = terminal_safe(local_text(f"{line.rule} · {line.source}"))
    for part in wrap_cells(source, width - INDENT):
        yield ((f"{margin}{part}", Style.DIM),)
    for action in terminal_safe(line.action).split("\n"):
        is_command = action.startswith("agentco ")
        look = Style.COMMAND if is_command else Style.PLAIN
        pieces = [action] if is_command else wrap_cells(action, width - INDENT)
        for piece in pieces:
            yield ((f"{margin}{piece}", look),)


def head_lines(report: StandupReport, width: int) -> list[Line]:
    """The company, the day and the morning in numbers, in one line where there is room."""
    day = report.date
    name = terminal_safe(report.company)
    parts = [f"{name}, {day:%A} {day.day} {day:%B %Y}", *morning_counts(report)]
    first, *rest = join_parts(parts, width)
    return [((first, Style.BOLD),), *(((line, Style.BOLD),) for line in rest)]


def morning_counts(report: StandupReport) -> Iterator[str]:
    """What is late, what is due and what waits, where there is any."""
    late, today, soon, waits = (
        len(section_lines(report.plan, section)) for section in SHORT_SECTIONS[:4]
    )
    if late:
        yield f"{late} late"
    if today:
        yield f"{today} due today"
    if soon:
        yield f"{soon} due in two days"
    if waits:
        yield f"{waits} {'waits' if waits == 1 else 'wait'} for you"
    if not (late or today or soon or waits):
        yield "all quiet"


def cost_lines(report: StandupReport, width: int) -> list[Line]:
    """What it cost and what it changed, in one line where there is room."""
    spend = report.spend
    models = (
        "1 model" if report.models_called == 1 else f"{report.models_called} models"
    )
    parts = [f"woke {models}, ${report.cost_usd:.2f}"]
    if spend.day_usd:
        parts.append(f"spent ${spend.day_usd:.2f} of ${spend.day_cap_usd:.2f} today")
    if spend.day_plan_usd:
        parts.append(f"${spend.day_plan_usd:.2f} of it at list price (plan)")
    if report.changed:
        parts.append(f"changed {', '.join(report.changed)}")
    return [((line, Style.DIM),) for line in join_parts(parts, width)]
