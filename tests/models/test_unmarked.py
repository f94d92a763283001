"""What is heard while an answer comes that begins as a thought which no mark opened."""

import asyncio
from pathlib import Path

import pytest
from asking import ENV, REQUEST, offer_at
from claims import claim
from wire.server import Say, WireServer

from agentco.adapters.models import ModelClients
from agentco.company import ModelOffer

THOUGHT = "Name VAT? No. " * 20
ANSWER = "Lumen keeps notes. " * 20


def heard_of(wire: WireServer, offer: ModelOffer, *answers: str) -> list[list[str]]:
    """What was heard of each answer of a model, and after `|` what was thought."""
    wire.script({"*": [Say(text=answer) for answer in answers]})

    async def talk() -> list[list[str]]:
        models, talks = ModelClients(Path(), ENV), list[list[str]]()
        for _ in answers:
            heard, thoughts = list[str](), list[str]()
            await models.ask(offer, REQUEST, heard.append, thoughts.append)
            talks.append(["".join(heard).strip(), "".join(thoughts).strip()])
        await models.aclose()
        return talks

    return asyncio.run(talk())


def thinker(wire: WireServer) -> ModelOffer:
    name = "workshop/deepseek-r1:8b"
    return offer_at(wire.url, name=name, model="deepseek-r1:8b")


@claim("models:unmarked")
def test_a_thought_without_its_mark_is_not_drawn_as_a_draft(wire: WireServer) -> None:
    unmarked = f"{THOUGHT}</think>\n\n{ANSWER}"
    [talk] = heard_of(wire, thinker(wire), unmarked)
    assert talk == [ANSWER.strip(), THOUGHT.strip()]


@claim("models:unmarked")
def test_a_model_that_does_so_is_waited_for_longer_from_then_on(
    wire: WireServer,
) -> None:
    unmarked = f"{THOUGHT * 40}</think>\n\n{ANSWER}"
    first, second = heard_of(wire, thinker(wire), unmarked, unmarked)
    assert first[0] != ANSWER.strip()
    assert second == [ANSWER.strip(), (THOUGHT * 40).strip()]


@claim("models:unmarked")
@pytest.mark.parametrize("model", ["deepseek-r1:8b", "llama3.3"])
def test_an_answer_without_thoughts_is_heard_whole(
    wire: WireServer, model: str
) -> None:
    offer = offer_at(wire.url, name=f"workshop/{model}", model=model)
    for talk in heard_of(wire, offer, ANSWER, ANSWER * 50):
        assert talk[0].startswith(ANSWER.strip())
        assert talk[1] == ""


def first_heard(wire: WireServer, offer: ModelOffer, text: str) -> int:
    """How much of an answer was there when the first of it was heard."""
    wire.script({"*": [Say(text=text)]})
    heard = list[str]()

    async def talk() -> None:
        models = ModelClients(Path(), ENV)
        await models.ask(offer, REQUEST, heard.append)
        await models.aclose()

    asyncio.run(talk())
    return len(heard[0])


@claim("models:unmarked")
def test_nothing_is_held_back_without_a_reason(wire: WireServer) -> None:
    few = len(ANSWER.split(maxsplit=1)[0]) + 1
    plain = offer_at(wire.url, name="workshop/llama3.3", model="llama3.3")
    assert first_heard(wire, plain, ANSWER * 50) <= few
    assert first_heard(wire, thinker(wire), f"<think>Hm.</think>{ANSWER}") <= few
    assert first_heard(wire, thinker(wire), ANSWER * 50) > few
