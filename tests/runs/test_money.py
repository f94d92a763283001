"""What calls cost, who is asked when somebody fails, and how a run without money ends."""

import socket
from collections.abc import Callable
from typing import Any

import pytest
from claims import claim
from offices import Firm, scripted, uses
from wire.server import Fault, Say, WireServer

from agentco.company import Reasoning
from agentco.kernel import NoModel
from agentco.runs import EffectState, RunPhase
from agentco.wiring import open_company

DUE = Say(text="VAT is due on Wednesday.")
READS = uses("Read", '{"path": "BOARD.md"}')


def nobody() -> str:
    """An address at which nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return f"http://127.0.0.1:{free.getsockname()[1]}/v1"


@claim("budget:usage")
@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"prompt_tokens": 0, "completion_tokens": 0},
        {"prompt_tokens": -5, "completion_tokens": 3},
        {"prompt_tokens": 10**9, "completion_tokens": 3},
        {"prompt_tokens": 300, "completion_tokens": 10**9},
        {"prompt_tokens": 300, "completion_tokens": 50_000},
        {"prompt_tokens": "many", "completion_tokens": 3},
        {"prompt_tokens": 300},
        {"prompt_tokens": 1e300, "completion_tokens": 3},
        {"prompt_tokens": 1, "completion_tokens": 3},
    ],
)
def test_fault_77_a_count_that_cannot_be_believed_costs_the_reservation(
    firm: Firm, wire: WireServer, usage: dict[str, Any]
) -> None:
    reserved: list[int] = []
    firm.hear = lambda _run, _text: reserved.append(
        firm.read(lambda tx: tx.open_effects(EffectState.SENT))[0].reserved
    )
    scripted(wire, Say(text=DUE.text, usage=usage))
    run = firm.ask()
    [entry] = firm.ledger()
    assert (run.phase, {entry.usd}, entry.input, entry.output) == (
        RunPhase.DONE,
        set(reserved),
        None,
        None,
    )
    assert firm.spent(run) == entry.usd > wire.bill.micro_usd


@claim("budget:usage")
@pytest.mark.parametrize("usage", [{"prompt_tokens": 3000, "completion_tokens": 7}])
def test_a_count_that_can_be_believed_is_what_is_paid(
    firm: Firm, wire: WireServer, usage: dict[str, Any]
) -> None:
    scripted(wire, Say(text=DUE.text, usage=usage))
    run = firm.ask()
    [entry] = firm.ledger()
    assert (entry.usd, entry.input, entry.output) == (3014, 3000, 7)
    assert [level.spent for level in firm.levels(run)] == [3014, 3014, 3014]


@claim("budget:prices")
def test_fault_60_without_a_price_no_run_is_begun(
    firm_with: Callable[..., Firm],
) -> None:
    firm = firm_with(url="https://models.example/v1")
    with pytest.raises(
        NoModel, match="no price is known for workshop/other: write prices: "
    ):
        firm.ask(model="workshop/other")
    assert (
        firm.read(lambda tx: tx.list_runs(firm.stamp())),
        firm.ledger(),
        firm.audit(),
    ) == ([], [], [])


@claim("budget:prices")
def test_what_is_local_costs_nothing_unless_it_has_a_price(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, DUE, free=[DUE])
    run = firm.ask(model="workshop/free")
    [entry] = firm.ledger()
    assert (run.phase, entry.usd, entry.calls) == (RunPhase.DONE, 0, 1)


@claim("runs:retries")
def test_fault_74_who_is_busy_is_asked_again_when_it_says_and_meanwhile_nothing_is_reserved(
    firm: Firm, wire: WireServer
) -> None:
    busy = Say(status=429, headers={"retry-after": "7"})
    scripted(wire, busy, Say(status=429), DUE)
    reserved: list[int] = []
    firm.clock.at_pause = lambda: reserved.append(
        sum(row.reserved for row in firm.read(lambda tx: tx.load_effects("run1")))
    )
    run = firm.ask()
    assert (run.phase, firm.clock.pauses, reserved) == (
        RunPhase.DONE,
        [7.0, 4.0],
        [0, 0],
    )
    assert firm.spent(run) == wire.bill.micro_usd
    assert [line.what for line in firm.audit(run)].count("not answered") == 2


@claim("runs:retries")
def test_a_call_that_its_server_could_not_read_is_paid_as_counted_and_asked_for_once_more(
    firm: Firm, wire: WireServer
) -> None:
    usage = {"prompt_tokens": 3000, "completion_tokens": 7}
    scripted(wire, Say(text="Let me", stop="MALFORMED_FUNCTION_CALL", usage=usage), DUE)
    run = firm.ask()
    broken, whole = firm.ledger()
    assert (run.phase, broken.usd, broken.input, broken.output) == (
        RunPhase.DONE,
        3014,
        3000,
        7,
    )
    assert firm.spent(run) == broken.usd + whole.usd
    assert firm.clock.pauses == [0.0]


@claim("runs:retries")
def test_who_stays_busy_is_asked_three_times_and_then_the_run_waits_to_be_resumed(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, Say(status=429))
    run = firm.ask()
    assert (run.phase, wire.bill.requests, firm.spent(run)) == (RunPhase.WORKING, 3, 0)
    assert firm.only(run, EffectState.HELD).number == 2
    scripted(wire, DUE)
    assert firm.go_on(run).phase is RunPhase.DONE


SECOND = """
models: {{medium: [down/m, workshop/m]}}
providers: {{workshop: {{kind: openai, api_base: "{url}"}}, down: {{kind: openai, api_base: "{down}"}}}}
prices: {{workshop/m: {{input: 1, output: 2}}, down/m: {{input: 9, output: 9}}}}
"""


@claim("runs:retries")
@pytest.mark.parametrize(
    "answers", [None, [Say(status=401)], [Say(status=429)], [Say(status=404)]]
)
def test_the_second_provider_of_a_tier_answers_when_the_first_does_not(
    firm_with: Callable[..., Firm], wire: WireServer, answers: list[Say] | None
) -> None:
    down = nobody() if answers is None else wire.url
    firm = firm_with(url=wire.url)
    firm.place.settings(SECOND.format(url=wire.url, down=down))
    firm.reload()
    scripted(
        wire, *(answers or []) * (3 if answers and answers[0].status == 429 else 1), DUE
    )
    run = firm.ask()
    [entry] = firm.ledger()
    assert (run.phase, entry.model, entry.in_doubt) == (RunPhase.DONE, "workshop/m", 0)
    assert firm.spent(run) == wire.bill.micro_usd
    assert any(line.what == "not answered" for line in firm.audit(run))


@claim("runs:retries")
def test_fault_79_when_nobody_can_be_reached_the_run_waits_and_costs_nothing(
    firm_with: Callable[..., Firm],
) -> None:
    firm = firm_with(url=nobody())
    run = firm.ask()
    assert (run.phase, firm.only(run, EffectState.HELD).number, firm.spent(run)) == (
        RunPhase.WORKING,
        2,
        0,
    )
    assert firm.rows(run, EffectState.SENT, EffectState.IN_DOUBT) == []


@claim("runs:doubt")
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.CUT, Fault.NO_FINISH])
def test_fault_75_a_call_that_breaks_off_is_in_doubt_paid_and_asked_again_once(
    firm: Firm, wire: WireServer, fault: Fault
) -> None:
    wire.script({"m": [Say(text=DUE.text, fault=fault), DUE]}, billed_when_read=True)
    run = firm.ask()
    row = firm.only(run, EffectState.IN_DOUBT)
    assert (run.phase, wire.bill.requests) == (RunPhase.DONE, 2)
    paid = wire.bill.rows[-1].micro_usd
    assert firm.spent(run) == row.reserved + paid >= wire.bill.micro_usd
    assert [(e.usd, e.in_doubt) for e in firm.ledger()] == [
        (row.reserved, 1),
        (paid, 0),
    ]


@claim("runs:doubt")
def test_a_call_that_breaks_off_twice_is_not_tried_a_third_time_until_the_run_is_resumed(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, Say(text=DUE.text, fault=Fault.CUT))
    run = firm.ask()
    assert (wire.bill.requests, len(firm.rows(run, EffectState.IN_DOUBT))) == (2, 2)
    scripted(wire, DUE)
    assert firm.go_on(run).phase is RunPhase.DONE


@claim("budget:ends")
def test_a_run_out_of_budget_ends_with_its_partial_result_and_the_reason(
    firm: Firm, wire: WireServer
) -> None:
    dear = {"prompt_tokens": 3000, "completion_tokens": 3450}
    scripted(wire, Say(text="So far: VAT.", calls=READS.calls, usage=dear), DUE)
    run = firm.ask(cap=10_000)
    assert (run.phase, firm.answer(run), wire.bill.requests) == (
        RunPhase.OUT_OF_BUDGET,
        "So far: VAT.",
        1,
    )
    assert run.reason.startswith(
        "the run's budget is $0.01, $0.009900 of it is spent, and this call may cost $0.00"
    )
    assert all(level.reserved == 0 for level in firm.levels(run))


@claim("budget:ends")
def test_a_run_that_cannot_pay_its_first_call_asks_nobody(
    firm: Firm, wire: WireServer
) -> None:
    run = firm.ask(cap=100)
    assert (run.phase, run.answer, wire.bill.requests) == (
        RunPhase.OUT_OF_BUDGET,
        None,
        0,
    )


@claim("models:max-output")
def test_a_role_says_how_long_its_answers_may_be_and_a_run_keeps_that(
    firm: Firm, wire: WireServer
) -> None:
    own = "agentco: {max_output: 3000, reasoning: off}"
    role = f"---\ndescription: Counts.\ntools: [Read]\n{own}\n---\nI count.\n"
    firm.place.agent("clerk", role)
    firm.company = open_company(firm.root).files.load()
    scripted(wire, DUE)
    run = firm.ask(agent=firm.company.find_agent("clerk"))
    assert (run.max_output, run.reasoning) == (3000, Reasoning.OFF)
    [asked] = wire.requests
    assert asked.body["max_tokens"] == 3000
    assert asked.body["reasoning_effort"] == "none"


@claim("budget:ends")
def test_an_answer_is_given_fewer_tokens_before_it_is_refused(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, DUE)
    firm.ask()
    firm.ask(cap=5000)
    wide, narrow = (
        request.body.get("max_completion_tokens", request.body.get("max_tokens"))
        for request in wire.requests
    )
    assert wide == 8000
    assert narrow
    assert 1000 <= narrow < 8000
