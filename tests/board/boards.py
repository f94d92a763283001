"""Boards as founders leave them: odd bytes, odd Markdown, and every kind of line end."""

from datetime import date

from hypothesis import strategies as st

TODAY = date(2026, 11, 20)

BOARD = """\
# Sprint

Intro text.

## In progress
- [ ] Write the pricing page copy @marketing due:2026-11-20 pri:1 missed:1 id:T12
- [ ] Call the bank @founder due:2026-11-18 id:T13 #money
  - ask about fees due:2020-01-01

  a note

## Blocked
- [ ] Sign the lease @lawyer id:T14

## Backlog

## Done
* [x] Register the domain @cto done:2026-11-01 id:T2
"""

WORDS = [
    "write",
    "the",
    "page",
    "ação",
    "`due:2020-01-01`",
    "[see @bob](x)",
    "<!-- @eve -->",
    "`",
    "[",
    "#3",
    "🚀",
]
TOKENS = [
    "@cto",
    "due:2026-11-01",
    "due:2026-11-30",
    "due:2026-13-40",
    "pri:2",
    "pri:A",
    "missed:1",
    "#tag",
]
MORE_TOKENS = [
    "missed-on:2026-11-01",
    "decided:2026-10-01",
    "id:T1",
    "id:T2",
    "id:x",
    "done:2026-11-02",
    "@bob,",
    "due:",
]
ODD = [
    "\udc80\udcff",
    "\ufeff",
    "\x0c",
    "\x1b[31m",
    "\u2028",
    "\xa0",
    "\t",
    "\x85",
    "x \\",
]
BULLETS = [
    "- [ ] ",
    "* [ ] ",
    "+ [ ] ",
    "1. [ ] ",
    "- ",
    "- [x] ",
    "- [X] ",
    "- [?] ",
    "-   [ ]  ",
    " - [ ] ",
]
OTHERS = [
    "",
    "",
    "text",
    "  more @text",
    "  - sub due:2020-01-01",
    "## Done",
    "## Backlog",
    "## In Progress ##",
]
MORE_OTHERS = [
    "# Top",
    "### Part",
    "---",
    "> quote",
    "| a | b |",
    "##none",
    "    code",
    "- ",
    "* * *",
    "## ",
]
FENCED = [
    "```\n## no\n- [ ] no id:T7\n```",
    "  ~~~\n  - [ ] no\n  ~~~",
    "<!--\n- [ ] no\n-->",
    "<!-- - [ ] no -->",
]
UNCLOSED = ["```", "<!-- ", "  ```", "- [ ] a <!-- b"]


@st.composite
def item(draw: st.DrawFn) -> str:
    """One list item on one line."""
    words = draw(
        st.lists(
            st.sampled_from([*WORDS, *TOKENS, *TOKENS, *MORE_TOKENS, *ODD]),
            min_size=0,
            max_size=6,
        )
    )
    tail = draw(st.sampled_from(["", "", "  ", "\t"]))
    return (
        draw(st.sampled_from(BULLETS))
        + draw(st.sampled_from([" ", " ", "  "])).join(words)
        + tail
    )


def texts(*, unclosed: bool = True) -> st.SearchStrategy[str]:
    """Whole boards, with one kind of line end in most of them."""
    lines = st.one_of(
        item(),
        item(),
        st.sampled_from(OTHERS + MORE_OTHERS),
        st.sampled_from(FENCED + UNCLOSED * unclosed),
    )
    body = st.lists(lines, max_size=14).map("\n".join)
    ends = st.sampled_from(["\n", "\n", "\r\n", "\r"])
    parts = st.tuples(st.sampled_from(["", "", "\ufeff"]), body, ends, st.booleans())
    return parts.map(lambda p: p[0] + (p[1] + "\n" * p[3]).replace("\n", p[2]))


def blobs() -> st.SearchStrategy[bytes]:
    """Anything at all."""
    return st.one_of(
        st.binary(max_size=200),
        texts().map(lambda t: t.encode("utf-8", "surrogateescape")),
    )
