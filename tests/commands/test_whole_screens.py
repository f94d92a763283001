"""Whole screens at a pseudo-terminal, from 60 to 160 columns, compared with files."""

import re
from pathlib import Path

import pytest
from claims import claim
from rich.cells import cell_len
from small_company import SETTINGS, Place
from terminal_screen import Screen, compare_screens
from typed import Do

from agentco.terminal import TableShape

SCREENS = Path(__file__).parent / "screens"
WIDTHS = (60, 80, 100, 160)
BOARD = """\
# Board

## Backlog
- [ ] Decide whether the harbour product is launched or dropped before the winter season pri:2
- [ ] 東京の顧客に年間プランの見積書を送って返事を待つこと @marketing due:2026-12-04 id:T2

## This week
- [ ] Find the four supplier receipts that the books still lack @accountant due:2026-11-18 missed:1 pri:1 id:T16
- [ ] Write the pricing page copy for the annual plan, in both languages @marketing due:2026-11-19 missed:2 missed-on:2026-11-01 id:T14
- [ ] Put the list of sub-processors on https://product.example/legal/sub-processors/current-list-of-sub-processors.html @lawyer id:T15

## Blocked
- [ ] Sign the processing agreement, waits for their lawyer #blocked due:2026-12-11 id:T20

## Empty

## Done
- [x] Raise the price for new customers done:2026-11-19 id:T22
- [x] Print flyers done:2026-11-18 id:T23
"""


def at_widths(place: Place, *args: str) -> dict[int, str]:
    """What a command shows at each width; no line is wider."""
    screens: dict[int, str] = {}
    for width in WIDTHS:
        shown = screens[width] = Screen(place, *args, columns=width).end()
        assert all(cell_len(line) <= width for line in shown.splitlines())
    return screens


def fixed(shown: str, run: str) -> str:
    """A screen with the same id for its run, and the same minute."""
    same = shown.replace(run, "k7m2ab")
    return re.sub(r"20\d\d-\d\d-\d\d \d\d:\d\d", "2026-11-21 09:00", same)


@claim("screen:cells")
def test_the_board_has_whole_words_at_every_width(place: Place) -> None:
    place.write("BOARD.md", BOARD)
    compare_screens(SCREENS / "board-full.txt", at_widths(place, "board"))


@claim("screen:cells")
def test_the_weights_of_prompts_stand_below_whole_names(place: Place) -> None:
    place.settings(SETTINGS)
    for name in ("accountant", "marketing", "night-watch-of-the-harbour"):
        place.agent(name)
    place.prompt("weekly-review", "0 18 * * 0")
    compare_screens(SCREENS / "check.txt", at_widths(place, "check"))


@claim("screen:cells")
def test_a_run_is_one_line_at_every_width(place: Place, do: Do) -> None:
    place.settings(SETTINGS)
    place.agent("marketing")
    place.write("s.yml", "- text: Done.\n")
    place.trust()
    task = "Write the pricing page copy for the annual plan, in both languages of ours"
    said = do(
        "ask", "marketing", task, "--quick", "--model", "scripted/s.yml", "--json"
    )
    run = str(said.document["run"])
    screens = {
        width: fixed(shown, run) for width, shown in at_widths(place, "runs").items()
    }
    compare_screens(SCREENS / "runs.txt", screens)


EMPTY = {
    "standup": ("standup", "--dry-run"),
    "board": ("board",),
    "inbox": ("inbox",),
    "runs": ("runs",),
    "memory": ("memory", "search", "zebra"),
    "lessons": ("lessons",),
    "costs": ("costs",),
    "status": ("status",),
}


@claim("screen:empty")
@pytest.mark.parametrize("name", EMPTY)
def test_a_new_company_says_what_is_empty_and_how_to_begin(
    place: Place, name: str
) -> None:
    own = str(place.root / "own")
    five = ("--name", "Acme", "--country", "PT", "--lang", "en", "--team", "core")
    more = ("--timezone", "Europe/Lisbon", "--product", "Notes=notes.example", "--yes")
    begun = Screen(place, "init", own, *five, *more)
    assert "files written" in begun.end()
    shown = at_widths(place, "--company", own, *EMPTY[name])
    compare_screens(SCREENS / f"empty-{name}.txt", shown)


@claim("screen:cells")
def test_the_widest_column_gives_way_and_numbers_stand_at_the_right() -> None:
    rows = [["name", "count"], ["the first of many", "7"], ["two", "1,250"]]
    shape = TableShape(rows, 16)
    assert [line for row in rows for line in shape.lines(row)] == [
        " name      count",
        " the           7",
        " first of",
        " many",
        " two       1,250",
    ]


@claim("screen:cells")
def test_only_a_word_that_no_column_can_hold_is_cut() -> None:
    rows = [["what", "why"], ["東京の顧客に", "antidisestablishmentarianism"]]
    for width in range(12, 60):
        shape = TableShape(rows, width)
        lines = [line for row in rows for line in shape.lines(row)]
        assert max(map(cell_len, lines)) <= width
        shown = "".join(lines).replace(" ", "")
        assert set("antidisestablishmentarianism東京の顧客に") <= set(shown)
