"""The block of work as a function of what is known, the time and the room, and how it is written."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from claims import claim
from hypothesis import given, strategies as st
from msgspec.structs import replace
from rich.cells import cell_len
from terminal_picture import Picture, pictures_of

from agentco.overview import Call, Colleague, WorkProgress
from agentco.runs import RunPhase
from agentco.terminal import Pace, RewrittenBlock, Style, WorkView, work_rows

BEGAN = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
AT = BEGAN.isoformat(timespec="seconds")
PROGRESS = WorkProgress(
    run="k7m2ab",
    agent="marketing",
    phase=RunPhase.WORKING,
    started=AT,
    usd=31_200,
    cap=2_000_000,
    draft=2,
    drafts=3,
    doing="revising",
    call=Call(model="anthropic/claude-sonnet-5-5", since=AT),
    uses=("read the board", 'search the memory for "launch"'),
    text="First line.\n\nLast line.",
    written_by=3,
    colleagues=(
        Colleague(agent="lawyer", state="APPROVED", about="legal", said="it is fine"),
        Colleague(agent="cfo", state="reading", about="prices"),
        Colleague(agent="cto", state="waiting", about="security"),
    ),
    events=(),
)
TEXTS = st.text("ab 猫é\u0301\n\x1b[31m\u202e👩\u200d🔬", max_size=300)


def shown(view: WorkView, after: int = 12, width: int = 79, height: int = 22) -> str:
    rows = work_rows(view, BEGAN + timedelta(seconds=after), width, height)
    return "\n".join("".join(text for text, _ in row).rstrip() for row in rows)


@claim("live:block")
def test_a_second_draft_says_how_many_there_may_be_and_who_does_what_for_how_long() -> (
    None
):
    assert shown(WorkView(progress=PROGRESS), after=65) == (
        "draft 2 of 3 · 2 reviews open · $0.0312 of $2.00 · 1 min 5 s\n"
        "  marketing  revising  anthropic/claude-sonnet-5-5, 1 min 5 s\n"
        '             used      read the board, search the memory for "launch"\n'
        "  lawyer     APPROVED  legal: it is fine\n"
        "  cfo        reading   prices\n"
        "  cto        waiting   security\n"
        "  │ First line.\n"
        "  │\n"
        "  │ Last line."
    )


@claim("live:block")
def test_a_draft_that_comes_shows_its_end_and_one_that_is_there_its_beginning() -> None:
    lines = "\n".join(f"line {number}" for number in range(1, 41))
    comes = shown(WorkView(progress=PROGRESS, saying=lines))
    assert "line 40" in comes
    assert "line 2\n" not in comes
    there = shown(WorkView(progress=replace(PROGRESS, text=lines)))
    assert "line 1\n" in there
    assert there.endswith("… 29 more lines")


@claim("live:calm")
@given(TEXTS, TEXTS, st.integers(59, 200), st.integers(3, 60), st.integers(0, 30))
def test_the_block_fits_whatever_is_in_it(
    text: str, name: str, width: int, height: int, count: int
) -> None:
    one = Colleague(agent=name, state="APPROVED", about=name, said=text)
    progress = replace(
        PROGRESS, agent=name, uses=(text,), text=text, colleagues=(one,) * count
    )
    for saying in (None, text):
        view = WorkView(progress=progress, saying=saying, note=text)
        rows = work_rows(view, BEGAN, width, height)
        assert len(rows) <= height
        for row in rows:
            line = "".join(part for part, _ in row)
            assert "\n" not in line
            assert cell_len(line) <= width


class Paper:
    """A terminal of any size that keeps what is written."""

    def __init__(self, width: int = 80) -> None:
        self.width = width
        self.writes: list[str] = []

    def size(self) -> tuple[int, int]:
        return self.width, 24

    def write(self, text: str) -> None:
        self.writes.append(text)

    def paint(self, span: tuple[str, Style]) -> str:
        return span[0]


def block_of(*lines: str) -> Sequence[Sequence[tuple[str, Style]]]:
    return [((line, Style.PLAIN),) for line in lines]


@claim("live:calm")
def test_each_picture_is_one_write_and_the_same_picture_none() -> None:
    paper = Paper()
    block = RewrittenBlock(paper)
    block.draw(block_of("one", "two"))
    block.draw(block_of("one", "two"))
    block.draw(block_of("three"))
    assert len(paper.writes) == 2
    assert pictures_of("".join(paper.writes))[:2] == ["one\ntwo\n", "three\n"]


@claim("live:restored")
def test_nothing_is_left_of_a_block_that_is_taken_away_but_what_stands_above() -> None:
    paper = Paper()
    block = RewrittenBlock(paper)
    block.draw(block_of("one", "two"), above="a thought\n")
    block.erase()
    block.erase()
    assert pictures_of("".join(paper.writes))[-1] == "a thought\n"
    assert len(paper.writes) == 2


@claim("live:restored")
def test_a_terminal_made_narrower_has_wrapped_the_block_and_all_of_it_goes() -> None:
    paper = Paper()
    block = RewrittenBlock(paper)
    block.draw(block_of("x" * 70, "y" * 20))
    paper.width = 40
    screen = Picture()
    screen.lines = ["before", "x" * 40, "x" * 30, "y" * 20, ""]
    screen.row = 4
    block.draw(block_of("z"))
    screen.write(paper.writes[-1])
    assert screen.shown == "before\nz\n"


@claim("live:calm")
def test_there_are_at_most_eight_pictures_a_second() -> None:
    hundredths = [number / 100 for number in range(1000)]
    pace = Pace(iter(hundredths).__next__)
    assert sum(pace.is_due() for _ in hundredths) <= 80
