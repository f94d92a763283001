"""An answer that is cut goes on whichever protocol its model speaks, also after a `kill -9` between two pieces."""

import os
import signal
from collections.abc import Callable

import pytest
from claims import claim
from offices import Firm, scripted
from processes import in_child
from small_company import Place
from test_cut import FIRST, SECOND, THIRD, WHOLE
from wire.server import Say, WireServer

from agentco.runs import RunPhase

pytestmark = [
    claim("models:goes-on"),
    pytest.mark.filterwarnings("ignore"),  # LiteLLM's own
]
LOADING_S = 120.0
WAYS = {"openai": "workshop", "anthropic": "workshop", "litellm": "openrouter"}
SETTINGS = """
models: {{light: [{name}/m], medium: [{name}/m]}}
providers: {{{name}: {{kind: {kind}, api_base: "{url}"}}}}
prices: {{{name}/m: {{input: 1, output: 2, cached: 0.1, written: 1.25}}}}
budget: {{call: 1, run: 20, company_day: 100, company_month: 100}}
"""
Opening = Callable[[str], Firm]


@pytest.fixture
def firm_at(place: Place, firm_with: Callable[..., Firm], wire: WireServer) -> Opening:
    """A company whose model is asked in one of the ways."""

    def opened(kind: str) -> Firm:
        firm = firm_with()
        place.settings(SETTINGS.format(name=WAYS[kind], kind=kind, url=wire.url))
        firm.reload()
        return firm

    return opened


@pytest.mark.parametrize("kind", WAYS)
def test_the_pieces_are_joined_and_each_is_paid_once(
    firm_at: Opening, wire: WireServer, kind: str
) -> None:
    scripted(wire, FIRST, SECOND, THIRD)
    firm = firm_at(kind)
    run = firm.ask()
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, WHOLE)
    assert [entry.calls for entry in firm.ledger()] == [1, 1, 1]
    assert (wire.bill.calls, firm.spent(run)) == (3, wire.bill.micro_usd)
    *_, begun, asked = wire.requests[2].body["messages"]
    assert (begun["role"], asked["role"]) == ("assistant", "user")
    assert FIRST.text + SECOND.text in str(begun["content"])


@pytest.mark.parametrize("kind", WAYS)
def test_a_process_killed_between_two_pieces_pays_none_twice_and_the_text_is_the_same(
    firm_at: Opening, wire: WireServer, kind: str
) -> None:
    scripted(wire, FIRST, Say(status=429))

    def die_before_the_second() -> None:
        firm = firm_at(kind)
        firm.clock.at_pause = lambda: os.kill(os.getpid(), signal.SIGKILL)
        firm.ask()

    assert in_child(die_before_the_second, LOADING_S) == -signal.SIGKILL
    assert wire.bill.calls == 1
    scripted(wire, SECOND, THIRD)
    firm = firm_at(kind)
    run = firm.go_on(firm.run("run1"))
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, WHOLE)
    assert [entry.calls for entry in firm.ledger()] == [1, 1, 1]
    assert (wire.bill.calls, firm.spent(run)) == (3, wire.bill.micro_usd)
