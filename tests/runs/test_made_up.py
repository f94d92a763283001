"""A small model that answers without looking anything up is asked once more, and told why."""

import pytest
from claims import claim
from small_company import Place, company_line
from typed import Do
from wire.server import Call, Fault, Say, WireServer

from agentco.review import why_made_up

pytestmark = claim("models:made-up")
BARE = '{"open_tasks": [{"title": "Call the bank"}]}'
GIVEN = "You are the writer of Farol. Lumen costs EUR 19. Read BOARD.md."


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("which tasks are open?", BARE),
        ("which tasks are open?", f"```json\n{BARE}\n```"),
        ("which tasks are open?", f"<deliverable>{BARE}</deliverable>\nNote."),
        ("read BOARD.md and list what is late", "Late is the call to Banco Azul."),
        ("look up in the memory what Lumen costs", "It costs EUR 249 a year."),
        ("procura na memória quem é o cliente", "O cliente é a Padaria Sol."),
    ],
)
def test_what_nothing_backs_is_made_up(task: str, answer: str) -> None:
    assert why_made_up(task, f"{GIVEN}\n{task}", answer)


@pytest.mark.parametrize(
    ("task", "answer"),
    [
        ("write the board as JSON", BARE),
        ("draft a post about Lumen", "Lumen meets Banco Azul on page 249."),
        ("look up what Lumen costs", "Lumen costs EUR 19."),
        ("look up what is late", "Nothing was found. I could not find anything."),
        ("which tasks are open?", "[See the board](BOARD.md)"),
        ("which tasks are open?", "{unclosed"),
        ("list the tasks", "- Call the bank\n- Write copy\nThen rest."),
    ],
)
def test_what_may_stand_is_not_made_up(task: str, answer: str) -> None:
    assert why_made_up(task, f"{GIVEN}\n{task}", answer) == ""


@pytest.mark.parametrize(
    "pasted", ["a/-" * 300_000, "look " * 200_000, " 1,1" * 200_000]
)
def test_an_endless_task_or_answer_is_judged_at_once(pasted: str) -> None:
    assert why_made_up(pasted, pasted, "It costs EUR 249.") in {
        "",
        "it names 'EUR', which stands in nothing that you were given",
    }
    assert why_made_up("look it up", GIVEN, pasted) is not None


@pytest.fixture
def small(place: Place, wire: WireServer) -> Place:
    """A company with a free model on this machine, and the same one with a price."""
    place.settings(
        company_line(orchestrator="writer")
        + "models: {medium: [mine/m]}\n"
        + f'providers:\n  mine: {{kind: openai, api_base: "{wire.url}"}}\n'
        + "prices: {mine/paid: {input: 1, output: 2}}\n"
    )
    place.agent("writer")
    place.write("BOARD.md", "## Now\n- [ ] Call Banco Azul id:T1\n")
    place.trust()
    return place


@pytest.mark.usefixtures("small")
def test_a_small_model_is_asked_once_more_and_told_why(
    wire: WireServer, do: Do
) -> None:
    wire.script(
        {
            "m": [
                Say(text=BARE),
                Say(calls=[Call(name="Read", arguments='{"path": "BOARD.md"}')]),
                Say(text="Open is one task: Call Banco Azul."),
            ]
        }
    )
    said = do("ask", "writer", "which tasks are open?")
    assert (said.code, said.out) == (0, "Open is one task: Call Banco Azul.\n")
    told = wire.requests[1].body["messages"][-1]
    assert told["role"] == "user"
    assert "a bare piece of JSON, and you looked nothing up" in told["content"]


@pytest.mark.usefixtures("small")
def test_it_is_asked_no_more_than_once(wire: WireServer, do: Do) -> None:
    wire.script({"m": [Say(text=BARE), Say(text=BARE)]})
    said = do("ask", "writer", "which tasks are open?")
    assert (said.code, said.out) == (0, f"{BARE}\n")
    assert len(wire.requests) == 2


@pytest.mark.usefixtures("small")
def test_a_model_with_a_price_is_believed(wire: WireServer, do: Do) -> None:
    wire.script({"paid": [Say(text=BARE)]})
    said = do("ask", "writer", "which tasks are open?", "--model", "mine/paid")
    assert (said.code, said.out) == (0, f"{BARE}\n")
    assert len(wire.requests) == 1


@pytest.mark.usefixtures("small")
def test_a_lost_call_after_it_does_not_lose_why(wire: WireServer, do: Do) -> None:
    wire.script(
        {
            "m": [
                Say(text=BARE),
                Say(text="Half", fault=Fault.CUT),
                Say(text="Nothing is open."),
            ]
        }
    )
    said = do("ask", "writer", "which tasks are open?")
    assert (said.code, said.out) == (0, "Nothing is open.\n")
    told = wire.requests[-1].body["messages"][-1]
    assert (told["role"], "you looked nothing up" in told["content"]) == ("user", True)


@pytest.mark.usefixtures("small")
def test_an_answer_that_is_cut_afterwards_goes_on(wire: WireServer, do: Do) -> None:
    wire.script(
        {
            "m": [
                Say(text=BARE),
                Say(text="Nothing is op", stop="length"),
                Say(text="en on the board."),
            ]
        }
    )
    said = do("ask", "writer", "which tasks are open?")
    assert (said.code, said.out) == (0, "Nothing is open on the board.\n")
