"""How work stands, as lines: a pure function of what is known, the time and the room there is."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from msgspec import Struct
from rich.cells import cell_len

from agentco.kernel.characters import terminal_safe
from agentco.kernel.money import format_dollars
from agentco.kernel.words import count_of
from agentco.overview.work_progress import Call, Colleague, WorkProgress
from agentco.runs.run import RunPhase
from agentco.terminal.cells import clip, join_parts, wrap_cells
from agentco.terminal.screen import Span, Style

Row = tuple[Span, ...]
STATE_LOOKS = {
    "APPROVED": Style.GOOD,
    "CONCERNS": Style.SOON,
    "BLOCKING": Style.URGENT,
    "no verdict": Style.URGENT,
    "owed": Style.URGENT,
}
STATE_CELLS = 10
NAME_CELLS = 16
"""The longest name that is shown whole."""
MARGIN = "  "
TEXT_MARGIN = "  │ "
MIN_TEXT_ROWS = 3
MAX_TEXT_ROWS = 12


class WorkView(Struct, frozen=True, kw_only=True):
    """What is known: how the work stands, and what its model says right now.

    `saying` is None while the author's model says nothing; `note` is for which model it waits.
    """

    progress: WorkProgress
    saying: str | None = None
    note: str = ""


def work_rows(view: WorkView, now: datetime, width: int, height: int) -> list[Row]:
    """The work in at most so many lines, none longer than so many cells."""
    rows = [heading(view, now, width), *people_rows(view, now, width)]
    room = min(height - len(rows), MAX_TEXT_ROWS)
    if room >= MIN_TEXT_ROWS:
        rows += text_rows(view, width, room)
    if len(rows) > height:
        left = len(rows) - height + 1
        rows[height - 1 :] = [((f"{MARGIN}and {left} more", Style.DIM),)]
    return rows


def rows_left_behind(view: WorkView, width: int) -> list[Row]:
    """What stays on the screen once the work is over or stops: what reviewers said of it."""
    progress = view.progress
    if not progress.colleagues:
        return []
    head = clip(f"{progress.agent}, {draft_name(progress)}", width)
    name_cells = name_column(progress)
    rows = [
        colleague_row(one, one.about, name_cells, width)
        for one in progress.colleagues
        if not one.is_reviewing and one.call is None
    ]
    rows += [
        colleague_row(one, one.about, name_cells, width, state="stopped")
        for one in progress.colleagues
        if one.is_reviewing or one.call
    ]
    end: list[Row] = [] if progress.phase is RunPhase.WORKING else [()]
    return [((head, Style.BOLD),), *rows, *end]


def heading(view: WorkView, now: datetime, width: int) -> Row:
    """Which draft, what it cost so far of what it may, and how long it takes."""
    progress = view.progress
    money = f"{brief_dollars(progress.usd)} of {format_dollars(progress.cap)}"
    parts = [draft_name(progress), money, seconds_since(progress.started, now)]
    if progress.open_reviews:
        parts.insert(1, f"{count_of(progress.open_reviews, 'review')} open")
    return ((join_parts(parts, width)[0], Style.BOLD),)


def draft_name(progress: WorkProgress) -> str:
    """Which draft it is; that there may be more is said once there is a second."""
    if progress.heading:
        return progress.heading
    if not progress.drafts:
        return "answer"
    if progress.draft == 1:
        return "draft"
    return f"draft {progress.draft} of {progress.drafts}"


def people_rows(view: WorkView, now: datetime, width: int) -> Iterator[Row]:
    """The author and whoever works for them, one line each, what they do one below the other."""
    progress = view.progress
    cells = name_column(progress)
    about = view.note or describe_call(progress.call, now)
    author = Colleague(agent=progress.agent, state=progress.doing, about=about)
    yield colleague_row(author, about, cells, width)
    if progress.uses:
        used = latest_that_fit(progress.uses, width - len(MARGIN) - cells - STATE_CELLS)
        tools = Colleague(agent="", state="used", about=used)
        yield colleague_row(tools, used, cells, width)
    for one in progress.colleagues:
        parts = (one.about, describe_call(one.call, now))
        yield colleague_row(one, " · ".join(filter(None, parts)), cells, width)


def colleague_row(
    one: Colleague, about: str, name_cells: int, width: int, *, state: str = ""
) -> Row:
    """One line: who, the state, about what, and what they said."""
    shown = state or one.state
    name = fill(clip(terminal_safe(one.agent), name_cells - 1), name_cells)
    word = fill(shown, STATE_CELLS)
    room = width - len(MARGIN) - name_cells - STATE_CELLS
    said = f"{about}: {one.said}" if one.said else about
    rest = clip(terminal_safe(said), room)
    look = STATE_LOOKS.get(shown, Style.PLAIN)
    return (
        (f"{MARGIN}{name}", Style.PLAIN),
        (word, look),
        (rest, Style.PLAIN if one.said else Style.DIM),
    )


def name_column(progress: WorkProgress) -> int:
    """How many cells the names take, with the blanks behind them."""
    names = [progress.agent, *(one.agent for one in progress.colleagues)]
    longest = max(cell_len(terminal_safe(name)) for name in names)
    return min(longest, NAME_CELLS) + 2


def describe_call(call: Call | None, now: datetime) -> str:
    """Which model is asked, and for how long."""
    return f"{call.model}, {seconds_since(call.since, now)}" if call else ""


def latest_that_fit(used: Sequence[str], room: int) -> str:
    """The last things that were used, as many as fit, in their order."""
    line = clip(terminal_safe(used[-1]), room)
    for one in reversed(used[:-1]):
        longer = f"{terminal_safe(one)}, {line}"
        if cell_len(longer) > room:
            break
        line = longer
    return line


def text_rows(view: WorkView, width: int, room: int) -> list[Row]:
    """The draft: its end while it is written, its beginning once it is there."""
    saying = view.saying
    text = view.progress.text if saying is None else saying
    cells = width - cell_len(TEXT_MARGIN)
    lines = [
        line
        for own in terminal_lines(text.strip("\n"))
        for line in wrap_cells(own, cells)
    ]
    if not text.strip():
        return []
    if saying is not None:
        lines = lines[-room:]
    elif len(lines) > room:
        left = len(lines) - room + 1
        lines = [*lines[: room - 1], f"… {count_of(left, 'more line')}"]
    return [((f"{TEXT_MARGIN}{line}".rstrip(), Style.DIM),) for line in lines]


def terminal_lines(text: str) -> Iterable[str]:
    """The lines of a text, each safe for a terminal."""
    return map(terminal_safe, text.split("\n"))


def seconds_since(stamp: str, now: datetime) -> str:
    """How long ago an ISO time was: `12 s`, `3 min 4 s`."""
    seconds = max(0, int((now - datetime.fromisoformat(stamp)).total_seconds()))
    minutes, rest = divmod(seconds, 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def brief_dollars(micros: int) -> str:
    """An amount that grows while one looks: always four places, so that nothing jumps."""
    return f"${micros / 1_000_000:.4f}"


def fill(text: str, cells: int) -> str:
    """A text with blanks behind it, up to so many cells."""
    return text + " " * max(0, cells - cell_len(text))
