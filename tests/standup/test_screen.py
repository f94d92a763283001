"""The standup as it stands on a terminal: whole screens, the places it shares, its pager, its colours."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest
from claims import claim
from hypothesis import given, strategies as st
from rich.cells import cell_len
from small_company import SETTINGS, Place
from terminal_screen import Screen, compare_screens
from typed import Do

from agentco.day import PlanLine, PlanRule
from agentco.terminal import Style, clip, share_rows, short_title, wrap_cells

SCREENS = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 100, 160)
LATE = [f"- [ ] Late number {n} of them due:2026-11-0{1 + n % 9} id:L{n}" for n in range(20)]  # fmt: skip
DUE = [f"- [ ] Due number {n} of them due:2026-11-21 id:D{n}" for n in range(8)]


def no_company_work(place: Place) -> None:
    place.board("- [ ] Some day id:T1")


def a_full_morning(place: Place) -> None:
    """One of everything that stands in a plan, with wide letters and a long name."""
    place.board(
        "- [ ] Write the pricing page copy for the annual plan, in both languages @cfo due:2026-11-18 id:T1",
        "- [ ] 東京の顧客に年間プランの見積書を送って返事を待つこと due:2026-11-21 id:T2",
        "- [ ] Chase the second half of the deposit that the clinic still owes missed:2 due:2026-11-19 missed-on:2026-11-01 id:T3",
        "- [ ] Call the notary about the lease of the second office due:2026-11-21",
        "- [ ] Move the newsletter to a domain of its own #blocked due:2026-11-27 id:T5",
    )
    place.prompt("weekly-review", "0 18 * * 0")
    place.know("prompt-run", "prompt-run:weekly-review", "Run: 2026-11-01T18:00:00+00:00 ok")  # fmt: skip
    place.know("deadline", "deadline:iva", "Due: 2026-11-20")
    place.know("deadline", "deadline:rent", "Due: 2026-11-21")
    place.know("deadline", "deadline:saft", "Due: 2026-11-23", "Owner: accountant")
    place.know("deadline", "deadline:social-security-contribution-of-the-quarter", "Due: 2026-11-27")  # fmt: skip
    place.know("lesson", "lesson:2026-11-20:page-copy-stalls", "Summary: the copy stalled twice", "Status: open")  # fmt: skip


def twenty_late_and_eight_due(place: Place) -> None:
    place.board(*LATE, *DUE)


MORNINGS: dict[str, Callable[[Place], None]] = {
    "quiet": no_company_work,
    "full": a_full_morning,
    "busy": twenty_late_and_eight_due,
}


@claim("standup:screen")
@pytest.mark.parametrize("name", MORNINGS)
def test_a_morning_is_one_screen_at_every_width(place: Place, name: str) -> None:
    place.settings(SETTINGS.replace("Test", "Farol Labs"))
    MORNINGS[name](place)
    screens: dict[int, str] = {}
    for width in WIDTHS:
        screens[width] = Screen(place, "standup", "--dry-run", columns=width).end()
        lines = screens[width].splitlines()
        assert len(lines) < 24
        assert all(cell_len(line) <= width for line in lines)
    compare_screens(SCREENS / f"standup-{name}.txt", screens)


@claim("standup:screen")
def test_all_that_is_due_today_is_seen_however_much_is_late(place: Place) -> None:
    twenty_late_and_eight_due(place)
    shown = Screen(place, "standup").end()
    assert all(f"Due number {n} " in shown for n in range(8))
    assert "12 more late: agentco standup --full" in shown
    assert len(shown.splitlines()) < 24


@claim("standup:screen")
def test_what_is_blocked_next_week_does_not_stand_under_today(place: Place) -> None:
    place.board("- [ ] Stuck #blocked due:2026-11-27 id:T1")
    out = Screen(place, "standup", "--dry-run").end()
    assert "Today" not in out
    assert out.index("Blocked") < out.index("Stuck")


@claim("standup:screen")
def test_a_pipe_has_no_colour_no_pager_and_every_item(place: Place, do: Do) -> None:
    twenty_late_and_eight_due(place)
    out = do("standup", "--dry-run").out
    assert out.count("agentco board done") == 28
    assert "\x1b" not in out + do("standup", "--dry-run", "--full").out


COUNTS = st.lists(st.integers(0, 40), min_size=7, max_size=7)


@claim("standup:screen")
@given(COUNTS, st.integers(8, 60))
def test_shared_rows_hold_and_today_comes_whole_where_it_fits(
    counts: list[int], rows: int
) -> None:
    shown = share_rows(counts, rows)
    assert all(0 <= seen <= count for seen, count in zip(shown, counts, strict=True))
    lines = sum(
        seen + 2 + (seen < count)
        for seen, count in zip(shown, counts, strict=True)
        if seen
    )
    assert lines <= rows
    # A heading, a first line and one that tells of the rest, for late, soon and waiting.
    if counts[1] + 2 + 3 * 4 + 1 <= rows:
        assert shown[1] == counts[1]


@claim("standup:commands")
@pytest.mark.usefixtures("frozen_clock")
def test_every_command_of_a_full_plan_runs_as_it_stands(place: Place, do: Do) -> None:
    a_full_morning(place)
    plan = do("standup", "--dry-run", "--json").document["plan"]
    commands = [line["command"] for line in plan]
    assert "agentco memory done iva" in commands
    assert "agentco memory show deadline:saft" in commands
    assert "agentco board done 'Call the'" in commands
    for command in commands:
        words = [word.replace("…", "a better brief") for word in shlex.split(command)]
        if words[1:3] == ["board", "decide"]:
            words.append("--demote")
        if words[1] != "run":
            assert do(*words[1:]).code == 0, command
    left = do("standup", "--dry-run", "--json").document
    assert left["facts"]["due_today"] == left["facts"]["lessons_open"] == []
    assert not any("git" in line["action"].split() for line in plan)


@claim("standup:commands")
def test_what_is_blocked_goes_on_in_a_column_that_exists(place: Place, do: Do) -> None:
    place.write(
        "BOARD.md", "# B\n\n## Backlog\n## Now\n## Blocked\n- [ ] Stuck id:T1\n"
    )
    [line] = do("standup", "--dry-run", "--json").document["plan"]
    assert line["command"] == "agentco board move T1 Now"


@claim("screen:cells")
@pytest.mark.parametrize(
    ("room", "shown"),
    [
        (47, "social-security-payment: in 21 days, 2026-12-21"),
        (46, "social-security-payment, in 21 days"),
        (34, "social- …, in 21 days, 2026-12-21"),
        (24, "social- …, in 21 days"),
        (12, "social- …"),
    ],
)
def test_a_narrow_title_gives_up_the_date_before_how_many_days_are_left(
    room: int, shown: str
) -> None:
    when = "in 21 days, 2026-12-21"
    line = PlanLine(
        title=f"social-security-payment: {when}",
        source="memory: deadline:social-security-payment",
        rule=PlanRule.DEADLINE_AHEAD,
        action="agentco memory show deadline:social-security-payment",
        when=when,
    )
    assert short_title(line, room, owner=False) == shown


@claim("lessons:answered")
def test_a_lesson_is_answered_and_opened_again(place: Place, do: Do) -> None:
    place.know("lesson", "lesson:2026-11-20:stalls", "Summary: S", "Status: open")
    assert do("lessons", "done", "stalls", "--by", "…").code == 2
    said = do("lessons", "done", "stalls", "--by", "a shorter brief")
    assert "take it back: agentco lessons done stalls --undo" in said.out
    assert do("lessons", "--json").document["lessons"] == []
    assert do("lessons", "done", "stalls", "--undo").code == 0
    [lesson] = do("lessons", "--json").document["lessons"]
    assert lesson["status"] == "open"
    assert do("lessons", "done", "stals", "--by", "x").err.count("'stalls'") == 1


@claim("lessons:answered")
def test_lessons_that_end_alike_are_named_whole(place: Place, do: Do) -> None:
    for day in ("2026-11-19", "2026-11-20"):
        place.know("lesson", f"lesson:{day}:stalls", "Summary: S", "Status: open")
    assert do("lessons", "done", "stalls", "--by", "x").code == 2
    plan = do("standup", "--dry-run", "--json").document["plan"]
    assert "lesson:2026-11-19:stalls" in plan[0]["command"]


@claim("deadlines:done")
@pytest.mark.usefixtures("frozen_clock")
def test_a_deadline_is_done_and_its_next_date_is_open(place: Place, do: Do) -> None:
    place.know("deadline", "deadline:iva", "Due: 2026-11-20", "Recurs: FREQ=MONTHLY")
    assert "Done: 2026-11-20" in do("memory", "done", "iva").out
    assert do("memory", "show", "iva").out == do("memory", "show", "deadline:iva").out
    refused = do("memory", "done", "iva")
    assert refused.code == 2
    question = "deadline:iva is due in 29 days, 2026-12-20. Is it done already?"
    assert refused.err.startswith(
        f"error: there is no terminal to answer at: {question}"
    )
    assert do("memory", "done", "iva", "--yes").code == 0
    assert place.entities()["deadline:iva"][2:] == [
        "Done: 2026-11-20",
        "Done: 2026-12-20",
    ]


@claim("deadlines:done")
@pytest.mark.parametrize(("key", "code"), [("y\n", 0), ("\n", 0)])
def test_an_early_deadline_is_asked_about(place: Place, key: str, code: int) -> None:
    place.know("deadline", "deadline:iva", "Due: 2026-12-01")
    screen = Screen(place, "memory", "done", "iva")
    screen.until("[y/N]")
    screen.press(key)
    screen.end()
    assert screen.process.returncode == code
    assert ("Done: 2026-12-01" in place.entities()["deadline:iva"]) is (key == "y\n")


@claim("screen:pager")
def test_the_whole_plan_is_paged_where_it_is_longer_than_the_screen(
    place: Place, tmp_path: Path
) -> None:
    a_full_morning(place)
    pager = tmp_path / "pager"
    pager.write_text("#!/bin/sh\necho paged with $1\ncat\n")
    pager.chmod(0o755)
    order = ("standup", "--dry-run", "--full")
    paged = f"{pager} -x"
    assert "paged with -x\n" in Screen(place, *order, PAGER=paged).end()
    assert "paged" not in Screen(place, *order, "--no-pager", PAGER=paged).end()
    assert "paged" not in Screen(place, *order, PAGER=paged, lines=90).end()
    whole = Screen(place, *order, PAGER="/nowhere/at-all").end()
    assert "task-overdue · BOARD.md:4" in whole


PAPER = ("ffffff", "fdf6e3", "000000", "1e1e1e", "002b36")
"""The backgrounds of light and dark themes."""


def brightness(colour: str) -> float:
    """The relative luminance of WCAG 2.2."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (0, 2, 4)]
    linear = [p / 12.92 if p <= 0.03928 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]  # fmt: skip
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def colour_of_index(index: int) -> str:
    """The fixed part of xterm's palette."""
    if index >= 232:
        return f"{8 + 10 * (index - 232):02x}" * 3
    cube = [0, 95, 135, 175, 215, 255]
    index -= 16
    return "".join(f"{cube[index // step % 6]:02x}" for step in (36, 6, 1))


@claim("screen:readable")
@pytest.mark.parametrize("look", [look for look in Style if "38;5;" in look])
def test_every_colour_stands_out_from_paper_and_from_the_dark(look: Style) -> None:
    found = re.search(r"38;5;(\d+)$", look)
    assert found
    shade = brightness(colour_of_index(int(found[1])))
    for paper in PAPER:
        low, high = sorted((shade, brightness(paper)))
        assert (high + 0.05) / (low + 0.05) >= 3, paper


@claim("screen:readable")
def test_no_style_uses_a_colour_that_a_theme_may_change() -> None:
    assert all(re.fullmatch(r"|1|(1;)?38;5;\d+", look) for look in Style)


TEXTS = st.text(alphabet="ab 東́é-/", max_size=60)


@claim("screen:cells")
@given(TEXTS, st.integers(4, 30))
def test_wrapped_lines_fit_and_lose_nothing(text: str, room: int) -> None:
    lines = wrap_cells(text, room)
    assert all(cell_len(line) <= room for line in lines)
    assert "".join(lines).replace(" ", "") == "".join(text.split())
    if all(cell_len(word) <= room for word in text.split()):
        assert " ".join(lines).split() == text.split()


@claim("screen:cells")
@given(TEXTS, st.integers(4, 30))
def test_a_clipped_text_fits_and_ends_with_a_whole_word(text: str, room: int) -> None:
    short = clip(text, room)
    whole = " ".join(text.split())
    assert cell_len(short) <= room
    if short != whole:
        words = short.removesuffix("…").split()
        assert short.endswith("…")
        if all(cell_len(word) <= room - 2 for word in text.split()):
            assert words == whole.split()[: len(words)]
