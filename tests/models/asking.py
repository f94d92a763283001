"""Asking a model in a test: an offer at the test's server, a request, and what was heard."""

import asyncio
from pathlib import Path
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from agentco.adapters.models import CallTimeouts, ModelClients
from agentco.company import ModelOffer, WireFormat
from agentco.kernel import CallFailed
from agentco.runs import ChatMessage, MessageRole, ModelAnswer, ModelRequest, ToolSpec

KEY = "sk-test-4f0b1d2c3e4a5b6c7d8e9f"
ENV = {"WORKSHOP_KEY": KEY}
PATIENCE = 20.0
SCHEMA = '{"type": "object", "properties": {"path": {"type": "string"}}}'
READ = ToolSpec(name="Read", description="Reads a file.", parameters=SCHEMA)
REQUEST = ModelRequest(
    messages=(
        ChatMessage(role=MessageRole.SYSTEM, text="You are the CFO."),
        ChatMessage(role=MessageRole.USER, text="What is due?"),
    ),
    tools=(READ,),
    max_tokens=500,
)


def offer_at(url: str, **more: Any) -> ModelOffer:
    offer = ModelOffer(
        name="workshop/m",
        provider="workshop",
        model="m",
        wire=WireFormat.OPENAI,
        api_base=url,
        api_key_env="WORKSHOP_KEY",
    )
    return replace(offer, **more)


class Talk(msgspec.Struct):
    """An answer, what was heard of it, and what was thought."""

    answer: ModelAnswer
    heard: list[str]
    thoughts: list[str] = []


def ask(
    offer: ModelOffer,
    request: ModelRequest = REQUEST,
    limits: CallTimeouts | None = None,
    root: Path = Path(),
) -> Talk:
    async def asking() -> Talk:
        models, heard, thoughts = (
            ModelClients(root, ENV, limits),
            list[str](),
            list[str](),
        )
        try:
            async with asyncio.timeout(PATIENCE):
                answer = await models.ask(offer, request, heard.append, thoughts.append)
                return Talk(answer, heard, thoughts)
        finally:
            await models.aclose()

    return asyncio.run(asking())


def failing(
    offer: ModelOffer,
    request: ModelRequest = REQUEST,
    limits: CallTimeouts | None = None,
) -> CallFailed:
    with pytest.raises(CallFailed) as caught:
        ask(offer, request, limits)
    assert KEY not in f"{caught.value.what}{caught.value.hint}"
    assert "\n" not in caught.value.what
    return caught.value
