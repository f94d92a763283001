"""LiteLLM as it is, asked over the real wire: it translates, and what a failure means is told by the wire alone."""

import asyncio
import contextlib
import socket
from pathlib import Path
from typing import Any

import pytest
from asking import ENV, KEY, PATIENCE, REQUEST, ask, failing, offer_at
from claims import claim
from msgspec.structs import replace
from small_company import Place
from test_chat import CALLS, STATUSES, WORDS
from wire.server import Fault, Say, WireServer

from agentco.adapters.models import CallTimeouts, ModelClients, load_litellm
from agentco.briefing import Assignment
from agentco.company import ModelOffer, WireFormat
from agentco.engine import RunRequest, drive_run, start_run
from agentco.kernel import CallFailed, Trouble
from agentco.runs import (
    ChatMessage,
    EffectState,
    MessageRole,
    StopReason,
    TokenUsage,
    ToolCall,
)
from agentco.wiring import open_company

pytestmark = pytest.mark.filterwarnings("ignore")  # LiteLLM's own
SOON = CallTimeouts(connect=2, whole=1)
# One that LiteLLM asks by itself, one that it asks over OpenAI's SDK, one that speaks Anthropic's protocol.
WAYS = ["openrouter/m", "cerebras/m", "anthropic/m"]


def lite_at(url: str, name: str = "openrouter/m", **more: Any) -> ModelOffer:
    provider, _, model = name.partition("/")
    return offer_at(
        url, name=name, provider=provider, model=model, wire=WireFormat.LITELLM, **more
    )


@pytest.fixture(scope="module", autouse=True)
def warm() -> None:
    """What LiteLLM loads with its first call of a kind is no part of how long an answer takes."""

    async def asking(url: str) -> None:
        models = ModelClients(Path(), ENV)
        async with asyncio.timeout(6 * PATIENCE):
            for name in (*WAYS, "groq/m"):
                with contextlib.suppress(CallFailed):
                    await models.ask(lite_at(url, name), REQUEST, print)
        await models.aclose()

    with WireServer({"m": [Say(text="ok")]}) as server:
        asyncio.run(asking(server.url))


@claim("lite:speaks")
@pytest.mark.parametrize("name", WAYS)
def test_an_answer_arrives_at_once_and_is_counted(wire: WireServer, name: str) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    talk = ask(lite_at(wire.url, name))
    assert (talk.answer.text, talk.heard, talk.answer.stop) == (
        WORDS,
        [WORDS],
        StopReason.END,
    )
    [billed] = wire.bill.rows
    assert talk.answer.usage == TokenUsage(input=billed.input, output=billed.output)
    assert not wire.requests[0].body.get("stream")
    assert wire.requests[0].body["max_tokens"] == 500


@claim("lite:speaks")
@pytest.mark.parametrize("name", WAYS)
def test_tools_are_called_and_answered(wire: WireServer, name: str) -> None:
    wire.script({"m": [Say(text="Looking.", calls=CALLS), Say(text=WORDS)]})
    first = ask(lite_at(wire.url, name)).answer
    assert (first.text, first.stop) == ("Looking.", StopReason.TOOLS)
    assert [(call.id, call.name) for call in first.calls] == [
        ("a", "Read"),
        ("b", "Board"),
    ]
    assert first.calls[0].arguments.replace(" ", "") == '{"path":"notes.md"}'
    more = (
        *REQUEST.messages,
        ChatMessage(
            role=MessageRole.ASSISTANT,
            calls=(first.calls[0], ToolCall(id="b", name="Board", arguments="{bro")),
        ),
        ChatMessage(role=MessageRole.TOOL, text="VAT: Wednesday", call="a"),
        ChatMessage(role=MessageRole.TOOL, text="no", call="b"),
    )
    assert (
        ask(lite_at(wire.url, name), replace(REQUEST, messages=more)).answer.text
        == WORDS
    )
    assert "VAT: Wednesday" in str(wire.requests[1].body["messages"])


@claim("lite:speaks")
def test_the_one_tool_that_must_be_called_is_named(wire: WireServer) -> None:
    wire.script({"m": [Say(calls=CALLS[:1])]})
    must = replace(REQUEST, must="Read")
    ask(lite_at(wire.url), must)
    ask(lite_at(wire.url, "anthropic/m"), must)
    openai, anthropic = (seen.body["tool_choice"] for seen in wire.requests)
    assert openai == {"type": "function", "function": {"name": "Read"}}
    assert anthropic == {"type": "tool", "name": "Read"}


@claim("lite:speaks")
@pytest.mark.parametrize(
    ("said", "stop"),
    [
        ("length", StopReason.LENGTH),
        ("content_filter", StopReason.REFUSED),
        ("eos", StopReason.END),
    ],
)
def test_why_it_stopped_is_one_of_four(
    wire: WireServer, said: str, stop: StopReason
) -> None:
    wire.script({"m": [Say(text=WORDS, stop=said)]})
    assert ask(lite_at(wire.url)).answer.stop is stop


@claim("lite:speaks")
def test_a_provider_without_tools_is_not_asked_for_work_that_needs_them(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    failed = failing(lite_at(wire.url, "perplexity/m"))
    assert failed.trouble is Trouble.REFUSED
    assert "does not support parameters: ['tools']" in failed.what
    assert wire.bill.connections == 0
    assert (
        ask(lite_at(wire.url, "perplexity/m"), replace(REQUEST, tools=())).answer.text
        == WORDS
    )


@claim("lite:speaks")
def test_a_provider_that_litellm_does_not_know_is_refused_before_it_is_asked(
    wire: WireServer,
) -> None:
    failed = failing(lite_at(wire.url, "nobody/m"))
    assert (failed.trouble, wire.bill.connections) == (Trouble.REFUSED, 0)
    assert "nobody/m cannot be asked" in failed.what


@claim("lite:usage")
@pytest.mark.parametrize("name", WAYS[:2])
@pytest.mark.parametrize(
    "usage",
    [
        {},
        {"prompt_tokens": 10},
        {"prompt_tokens": -1, "completion_tokens": 5, "total_tokens": 4},
        {"prompt_tokens": 10, "completion_tokens": 1101, "total_tokens": 1111},
        {"prompt_tokens": 10, "completion_tokens": 0, "total_tokens": 10},
        {
            "prompt_tokens": 10_000_001,
            "completion_tokens": 5,
            "total_tokens": 10_000_006,
        },
        {
            "prompt_tokens": 10,
            "completion_tokens": 5,
            "prompt_tokens_details": {"cached_tokens": 11},
        },
    ],
)
def test_fault_77_usage_that_cannot_be_is_none(
    wire: WireServer, name: str, usage: dict[str, Any]
) -> None:
    wire.script({"m": [Say(text=WORDS, usage=usage)]})
    answer = ask(lite_at(wire.url, name)).answer
    assert (answer.text, answer.usage) == (WORDS, None)


@claim("lite:usage")
def test_cached_tokens_are_a_part_of_the_input(wire: WireServer) -> None:
    openai = {
        "prompt_tokens": 100,
        "completion_tokens": 9,
        "prompt_tokens_details": {"cached_tokens": 64},
    }
    anthropic = {"input_tokens": 36, "cache_read_input_tokens": 64, "output_tokens": 9}
    for name, usage in (("openrouter/m", openai), ("anthropic/m", anthropic)):
        wire.script({"m": [Say(text=WORDS, usage=usage)]})
        assert ask(lite_at(wire.url, name)).answer.usage == TokenUsage(
            input=100, output=9, cached=64
        )


@claim("lite:told")
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize(("status", "trouble", "what", "hint"), STATUSES)
def test_a_status_means_the_same_whatever_litellm_calls_it(
    wire: WireServer, name: str, status: int, trouble: Trouble, what: str, hint: str
) -> None:
    wire.script(
        {
            "m": [
                Say(
                    status=status,
                    headers={"retry-after": "7", "location": "http://127.0.0.1:9/"},
                )
            ]
        }
    )
    failed = failing(lite_at(wire.url, name))
    assert failed.trouble is trouble
    assert f"{name} {what} ({status})" in failed.what
    assert hint in failed.hint
    assert failed.retry_after == (7.0 if trouble is Trouble.BUSY else None)
    assert (wire.bill.requests, wire.bill.calls) == (1, 0)


@claim("lite:told")
def test_a_key_is_told_by_nobody(wire: WireServer) -> None:
    wire.script({"m": [Say(status=400, error=f"Bearer {KEY} is odd")]})
    assert "Bearer [key] is odd" in failing(lite_at(wire.url)).what
    wire.script(
        {
            "m": [
                Say(
                    status=400,
                    body='{"error": {"details": [{"reason": "API_KEY_INVALID"}]}}',
                )
            ]
        }
    )
    assert "refused the key" in failing(lite_at(wire.url)).what


@claim("models:longest-call")
def test_an_answer_that_is_never_whole_is_given_up(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, fault=Fault.FLOOD, delay=30)]})
    failed = failing(lite_at(wire.url, longest_call=1))
    assert failed.trouble is Trouble.LOST
    assert failed.what.endswith("did not finish its answer: it took longer than 1 s")


@claim("lite:told")
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize("fault", [Fault.DROP, Fault.NO_HEAD, Fault.PAGE])
def test_faults_75_and_76_what_may_have_been_billed_is_lost_and_never_sent_again(
    wire: WireServer, name: str, fault: Fault
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=fault)]}, billed_when_read=True)
    failed = failing(lite_at(wire.url, name), limits=SOON)
    assert failed.trouble is Trouble.LOST
    assert failed.what.startswith(f"{name} did not finish its answer: ")
    assert (wire.bill.requests, wire.bill.calls) == (1, 1)


@claim("lite:told")
@pytest.mark.parametrize("name", WAYS)
@pytest.mark.parametrize(
    "body",
    [
        "",
        "null",
        "[]",
        "{}",
        "12",
        '{"error": {"message": "no"}}',
        '{"choices": []}',
        "\x00",
    ],
)
def test_a_body_that_is_no_answer_is_lost(
    wire: WireServer, name: str, body: str
) -> None:
    wire.script({"m": [Say(body=body)]})
    assert failing(lite_at(wire.url, name)).trouble is Trouble.LOST
    assert wire.bill.requests == 1


@claim("lite:told")
def test_an_answer_that_litellm_cannot_read_is_read_from_the_wire(
    wire: WireServer,
) -> None:
    wire.script({"m": [Say(text=WORDS)]})
    # in whose answers LiteLLM wants a service_tier
    assert ask(lite_at(wire.url, "groq/m")).answer.text == WORDS


@claim("lite:told")
@pytest.mark.parametrize("name", WAYS)
def test_an_end_that_nobody_knows_is_no_answer_though_litellm_takes_it_for_one(
    wire: WireServer, name: str
) -> None:
    wire.script({"m": [Say(text="Lumen keeps no", stop="network_error")]})
    failed = failing(lite_at(wire.url, name))
    assert failed.trouble is Trouble.LOST
    assert failed.what.endswith("it ended with 'network_error'")


@claim("lite:told")
def test_what_the_wire_says_beside_the_protocol_comes_out_as_it_does_directly(
    wire: WireServer,
) -> None:
    usage = {"prompt_tokens": 20, "completion_tokens": 9, "cost": 0.25}
    wire.script({"m": [Say(text=WORDS, usage=usage)]})
    assert ask(lite_at(wire.url)).answer.stated_cost == 250_000


@claim("models:context")
@pytest.mark.parametrize("name", WAYS)
def test_a_refusal_that_names_the_context_is_asked_again_with_what_is_left(
    wire: WireServer, name: str
) -> None:
    words = (
        "This model's maximum context length is 7300 tokens. However, you requested 7412"
        " tokens (6912 in the messages, 500 in the completion)."
    )
    wire.script({"m": [Say(status=400, error=words)] * 2 + [Say(text=WORDS)]})
    assert ask(lite_at(wire.url, name)).answer.text == WORDS
    assert [seen.body["max_tokens"] for seen in wire.requests] == [500, 388, 291]


@claim("lite:told")
def test_a_huge_answer_is_given_up(wire: WireServer) -> None:
    wire.script({"m": [Say(text="x" * 17_000_000)]})
    assert "larger than 16 MiB" in failing(lite_at(wire.url)).what


@claim("lite:told")
@pytest.mark.parametrize("name", WAYS)
def test_nobody_at_an_address_is_unreachable(name: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    failed = failing(lite_at(f"http://127.0.0.1:{port}/v1", name))
    assert failed.trouble is Trouble.UNREACHABLE


@claim("lite:told")
def test_a_slow_answer_is_waited_for(wire: WireServer) -> None:
    wire.script({"m": [Say(text=WORDS, delay=0.5)]})
    assert ask(lite_at(wire.url), limits=CallTimeouts(whole=10)).answer.text == WORDS


@claim("lite:alone")
def test_a_key_of_the_environment_goes_to_no_address_of_the_settings(
    wire: WireServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENROUTER_API_KEY", "sk-or-v1-not-for-you")
    wire.script({"m": [Say(text=WORDS)]})
    ask(lite_at(wire.url, api_key_env=None))
    assert wire.requests[0].headers["authorization"] == "Bearer none"


@claim("lite:alone")
def test_outside_of_a_call_litellm_reaches_nobody(wire: WireServer) -> None:
    messages = [{"role": "user", "content": "hi"}]
    call = {
        "model": "openrouter/elsewhere",
        "messages": messages,
        "api_base": wire.url,
        "api_key": "k",
    }
    with contextlib.suppress(Exception):
        asyncio.run(load_litellm().acompletion(**call, max_retries=0))
    assert wire.bill.connections == 0


@claim("lite:alone")
def test_azure_needs_an_address() -> None:
    offer = lite_at("", "azure/gpt")
    assert "AZURE_API_BASE" in (ModelClients(Path(), ENV).missing(offer) or "")
    assert (
        ModelClients(Path(), {**ENV, "AZURE_API_BASE": "https://x.example"}).missing(
            offer
        )
        is None
    )


@claim("lite:cancelled")
@pytest.mark.parametrize("name", WAYS)
def test_a_cancelled_call_is_closed_and_the_server_sees_it(
    wire: WireServer, name: str
) -> None:
    wire.script({"m": [Say(text=WORDS, fault=Fault.NO_HEAD)]})

    async def cancelling() -> None:
        models = ModelClients(Path(), ENV)
        call = asyncio.create_task(models.ask(lite_at(wire.url, name), REQUEST, print))
        await asyncio.to_thread(wire.until, lambda bill: bill.open == 1)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            async with asyncio.timeout(PATIENCE):
                await call
        await asyncio.to_thread(wire.until, lambda bill: bill.gone == 1)
        await models.aclose()

    asyncio.run(cancelling())


@claim("lite:billed")
def test_fifty_runs_at_once_pay_what_the_server_bills(
    wire: WireServer, place: Place
) -> None:
    says = [
        Say(text=WORDS),
        Say(status=529),
        Say(text="", calls=CALLS[:1]),
        Say(status=429),
        Say(text=WORDS, delay=0.5),
    ]
    wire.script({"m": says, "n": [Say(text=WORDS, delay=0.5)]})
    place.agent("cfo")
    names = ["openrouter/m", "cerebras/n"]
    place.settings(
        f"models: {{medium: [{', '.join(names)}]}}\nbudget: {{company_day: 100, company_month: 100}}\nproviders: "
        f"{{openrouter: {{api_base: '{wire.url}'}}, cerebras: {{api_base: '{wire.url}'}}}}\n"
        f"prices: {{{', '.join(f'{name}: {{input: 1, output: 2}}' for name in names)}}}\n"
    )

    async def asking() -> list[str]:
        with open_company(place.root).open_office() as office:
            agent = office.company.find_agent("cfo")
            assert agent
            work = Assignment(task="What is due?", today=office.today())
            wish = RunRequest(agent=agent, work=work, title="What is due?", quick=True)
            try:
                runs = [await start_run(wish, office) for _ in range(50)]
                async with asyncio.timeout(3 * PATIENCE):
                    await asyncio.gather(*(drive_run(run, office) for run in runs))
                ended = [
                    str((await office.read(lambda tx: tx.runs_of_root(run)))[0].phase)  # noqa: B023
                    for run in runs
                ]
                costs = await office.read(lambda tx: tx.sum_costs("agent"))
                sent = await office.read(lambda tx: tx.open_effects(EffectState.SENT))
            finally:
                await office.models.aclose()
        assert sum(row.usd for row in costs) == wire.bill.micro_usd
        assert sum(row.reserved for row in sent) == 0
        return ended

    assert set(asyncio.run(asking())) == {"done"}
    assert wire.bill.most_open > 5
