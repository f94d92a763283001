"""The deliverable at a terminal: its Markdown is drawn, nothing of it is lost, and no escape gets through."""

import pytest
from claims import claim
from small_company import Place, company_line, models_at
from terminal_picture import pictures_of
from terminal_screen import Screen
from typed import Do
from wire.server import Say, WireServer

POST = """# Lumen

**Notes** that stay `yours`: [read on](https://lumen.example/a).
A line of its own. List<String> <!-- seen --> ![a lamp](lamp.png)

- one
- two

| plan | price |
|---|---:|
| Solo | 9 |

```
x = 1
```
"""
DRAWN = """Lumen

Notes that stay yours: read on (https://lumen.example/a).
A line of its own. List<String> <!-- seen --> !a lamp (lamp.png)

 • one
 • two


 plan  price
 ───────────
 Solo      9


    x = 1
"""
EVIL = "Look \x1b]0;owned\x07\x1b[2J\x1b[31mhere\u202e `\x1b[5m` [a\x9b2J](http://x/\x1b[1A)"


@pytest.fixture
def writer(place: Place, wire: WireServer) -> Place:
    place.settings(company_line() + models_at(wire.url))
    place.agent("writer", "---\ndescription: Writes.\ntools: [Board]\n---\nI write.\n")
    place.trust()
    return place


def said_at_terminal(writer: Place, *more: str, term: str = "xterm-256color") -> str:
    screen = Screen(writer, "ask", "writer", "draft it", "--quick", *more, TERM=term)
    screen.end()
    assert screen.process.returncode == 0
    return screen.seen


@claim("cli:markdown")
def test_markdown_is_drawn_at_a_terminal_and_nothing_of_it_is_lost(
    writer: Place, wire: WireServer
) -> None:
    wire.script({"m": [Say(text=POST)]})
    assert DRAWN in pictures_of(said_at_terminal(writer))[-1]


@claim("cli:markdown")
def test_it_stands_as_it_was_written_where_it_is_piped_or_asked_for_raw(
    writer: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [Say(text=POST)]})
    assert do("ask", "writer", "draft it", "--quick").out == POST
    assert POST in pictures_of(said_at_terminal(writer, "--raw"))[-1]
    assert POST in said_at_terminal(writer, term="dumb").replace("\r", "")
    run = do("runs", "--json").document["runs"][0]["id"]
    assert do("runs", "show", run, "--text").out == POST


@claim("cli:markdown")
@pytest.mark.parametrize(("more", "wanted"), [((), DRAWN), (("--raw",), POST)])
def test_a_run_that_is_resumed_is_drawn_or_raw_as_well(
    writer: Place, wire: WireServer, do: Do, more: tuple[str, ...], wanted: str
) -> None:
    wire.script({"m": [Say(status=401), Say(text=POST)]})
    assert do("ask", "writer", "draft it", "--quick").code == 4
    screen = Screen(writer, "runs", "resume", *more)
    screen.end()
    assert screen.process.returncode == 0
    assert wanted in pictures_of(screen.seen)[-1]


@claim("cli:markdown")
@pytest.mark.parametrize(
    ("more", "wanted"), [((), "Notes that stay yours"), (("--raw",), "**Notes** that")]
)
def test_a_turn_of_a_chat_is_drawn_or_raw_as_well(
    writer: Place, wire: WireServer, more: tuple[str, ...], wanted: str
) -> None:
    wire.script({"m": [Say(text=POST)]})
    screen = Screen(writer, "chat", "writer", "--quick", *more)
    screen.until("you> ")
    screen.press("draft it\n")
    screen.until("x = 1")
    # what is typed before the next question is asked may be dropped with the drawn block
    screen.until_raw("you> ", times=2)
    screen.press("\x04")
    shown = screen.end()
    assert screen.process.returncode == 0
    assert wanted in shown


@claim("cli:escapes")
@pytest.mark.parametrize("more", [(), ("--raw",)])
def test_what_a_model_writes_moves_nothing_at_a_terminal(
    writer: Place, wire: WireServer, more: tuple[str, ...]
) -> None:
    wire.script({"m": [Say(text=EVIL)]})
    seen = said_at_terminal(writer, *more)
    for sequence in (
        "\x1b]",
        "\x1b[2J",
        "\x1b[5m",
        "\x1b[1A",
        "\x9b",
        "\x07",
        "\u202e",
    ):
        assert sequence not in seen.replace("\r\x1b[1A", "").replace("\r\x1b[2A", "")
    assert "here\\u202e" in pictures_of(seen)[-1]
