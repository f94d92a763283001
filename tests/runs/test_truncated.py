"""A server that reads a part of a prompt and drops the rest in silence."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from claims import claim
from small_company import Place, company_line
from typed import Do
from wire.server import Say, WireServer

from agentco.adapters.state.open_state import open_state
from agentco.rules import LearnedContext, is_truncated
from agentco.runs import TokenUsage

HELLO = "Hello! How can I help you today?"
PROSE = "The customer wrote that the export of notes is slow on an old laptop. " * 400
"""About 8,000 tokens."""


def cut_to(tokens: int, **more: Any) -> Say:
    usage = {"prompt_tokens": tokens, "completion_tokens": 9}
    return Say(text=HELLO, usage=usage | {"total_tokens": tokens + 9} | more)


def cut_for_claude(tokens: int) -> Say:
    return Say(text=HELLO, usage={"input_tokens": tokens, "output_tokens": 9})


@pytest.fixture
def writer(place: Place, wire: WireServer, monkeypatch: pytest.MonkeyPatch) -> Place:
    """A company whose model is asked over each wire, with a long file to send."""
    monkeypatch.setenv("WORKSHOP_KEY", "sk-local-test")
    place.settings(settings_at(wire.url))
    place.agent("writer")
    place.agent("lawyer")
    place.write("notes.md", PROSE)
    place.trust()
    return place


def settings_at(url: str, more: str = "") -> str:
    return (
        company_line(orchestrator="writer")
        + "models: {medium: [workshop/m]}\n"
        + "providers:\n"
        + f'  workshop: {{kind: openai, api_base: "{url}"}}\n'
        + f'  claude: {{kind: anthropic, api_base: "{url}"}}\n'
        + f'  mistral: {{kind: litellm, api_base: "{url}", api_key_env: WORKSHOP_KEY}}\n'
        + "prices: {workshop/m: {input: 1, output: 2}, workshop/n: {input: 1, output: 2}}\n"
        + more
    )


def ask_about_notes(place: Place, do: Do, *more: str) -> Any:
    notes = str(place.root / "notes.md")
    return do("ask", "writer", "sum it up", "--file", notes, "--quick", *more)


def paid(place: Place) -> list[tuple[Any, ...]]:
    sql = "SELECT model, calls, usd, input, output FROM ledger"
    with open_state(place.root) as state:
        return state.read(lambda tx: tx.fetch_rows(sql)).result()


@claim("models:truncated")
@pytest.mark.usefixtures("writer")
def test_an_answer_to_a_part_of_the_prompt_is_no_answer(
    place: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [cut_to(4096)]})
    said = ask_about_notes(place, do)
    assert said.code == 1
    assert HELLO not in said.out
    for words in (
        "read only 4,096 of about",
        "OLLAMA_CONTEXT_LENGTH=32768 ollama serve",
        "num_ctx",
        'model_options: {"workshop/m": {context: 32768}}',
    ):
        assert words in " ".join(said.err.split())
    assert paid(place) == [("workshop/m", 1, 4096 + 18, 4096, 9)]
    assert wire.bill.requests == 1
    assert do("audit", "verify").code == 0


@claim("models:truncated")
@pytest.mark.usefixtures("writer")
def test_what_it_read_is_remembered_until_somebody_says_another_number(
    place: Place, wire: WireServer, do: Do
) -> None:
    wire.script({"m": [cut_to(5000)]})
    ask_about_notes(place, do)
    again = ask_about_notes(place, do, "--json")
    note = "workshop/m takes 5,000 tokens, so the prompt was shortened"
    assert note in again.document["passed"][0]
    checks = do("doctor", "--json").document["checks"]
    [found] = [each for each in checks if "took only 5,000" in each["what"]]
    assert (found["name"], found["status"]) == ("context", "warn")
    assert "OLLAMA_CONTEXT_LENGTH" in found["hint"]
    place.settings(
        settings_at(wire.url, "model_options: {workshop/m: {context: 16384}}\n")
    )
    place.trust()
    wire.script({"m": [Say(text="It is slow.")]})
    assert ask_about_notes(place, do).out == "It is slow.\n"


@claim("models:truncated")
@pytest.mark.usefixtures("writer")
def test_the_next_model_of_the_tier_is_asked_and_both_are_paid(
    place: Place, wire: WireServer, do: Do
) -> None:
    place.settings(
        settings_at(wire.url).replace("[workshop/m]", "[workshop/m, workshop/n]")
    )
    place.trust()
    wire.script({"m": [cut_to(2048)], "n": [Say(text="It is slow.")]})
    said = ask_about_notes(place, do, "--json")
    assert said.document["text"] == "It is slow."
    assert said.document["model"] == "workshop/n"
    assert "read only 2,048" in str(said.document["passed"])
    assert paid(place)[0][:3] == ("workshop/m", 1, 2048 + 18)
    assert sum(row[2] for row in paid(place)) == wire.bill.rows[-1].micro_usd + 2066


@claim("models:truncated")
@pytest.mark.usefixtures("writer")
def test_a_reviewer_that_read_a_part_gives_no_verdict(
    place: Place, wire: WireServer, do: Do
) -> None:
    place.settings(
        settings_at(
            wire.url, "triggers: [{name: stripes, words: [zebra], consult: [lawyer]}]\n"
        )
    )
    place.trust()
    draft = "Our zebra promises stripes. " + PROSE
    approves = (
        '{"verdicts":[{"trigger":"stripes","verdict":"APPROVED","because":"ok"}]}'
    )
    cut = Say(text=approves, usage={"prompt_tokens": 4096, "completion_tokens": 9})
    wire.script({"m": [Say(text=draft), cut]})
    said = do("ask", "writer", "write about the zebra", "--json")
    assert said.document["status"] == "waiting"
    assert "read only 4,096" in str(said.document)


@claim("models:truncated")
@pytest.mark.parametrize(
    ("model", "say"), [("claude/m", cut_for_claude(4096)), ("mistral/m", cut_to(4096))]
)
@pytest.mark.usefixtures("writer")
def test_every_wire_tells(
    place: Place, wire: WireServer, do: Do, model: str, say: Say
) -> None:
    place.settings(settings_at(wire.url).replace("workshop/n:", f"{model}:"))
    place.trust()
    wire.script({"*": [say]})
    said = ask_about_notes(place, do, "--model", model)
    assert said.code == 1
    assert "read only 4,096" in " ".join(said.err.split())


def seen(read: int, **more: int) -> bool:
    """Whether a count stands for a part of a prompt of 8,000 to 12,000 tokens, 32 KB."""
    usage = TokenUsage(input=read, output=9, **more)
    return is_truncated(usage, fewest=6000, least=1900)


@claim("models:truncated")
@pytest.mark.parametrize("read", [4096, 2048, 5632, 4000, 2047, 3017, 5500])
def test_a_count_far_below_what_was_sent_is_a_part(read: int) -> None:
    assert seen(read)


@claim("models:truncated")
@pytest.mark.parametrize(
    "read", [0, 12, 700, 512, 1000, 1999, 5900, 6100, 8192, 9000, 30_000]
)
def test_no_count_a_cache_s_count_and_a_whole_prompt_are_no_part(read: int) -> None:
    assert not seen(read)


@claim("models:truncated")
@pytest.mark.parametrize(
    "apart", [{"cached": 4900}, {"written": 4900}, {"cached": 2000, "written": 3000}]
)
def test_a_cache_that_is_counted_apart_was_read(apart: dict[str, int]) -> None:
    assert seen(3017)
    assert not seen(3017, **apart)


@claim("models:truncated")
def test_what_was_seen_holds_for_a_day_and_for_the_same_claim() -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    seen = LearnedContext(model="a/b", tokens=4096, sent=7000, claimed=32768, at=at)
    later = at + timedelta(hours=23)
    assert seen.still_holds(32768, later)
    assert not seen.still_holds(16384, later)
    assert not seen.still_holds(32768, at + timedelta(hours=25))
