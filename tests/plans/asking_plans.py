"""Asking a program of a plan in a test: who is asked, with what, and what was heard."""

import asyncio
import os
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec.structs import replace
from programs import FakeProgram

from agentco.adapters.models import CallTimeouts, ModelClients
from agentco.company import ModelOffer, Reasoning, WireFormat
from agentco.kernel import CallFailed
from agentco.runs import ChatMessage, MessageRole, ModelAnswer, ModelRequest, ToolSpec

PATIENCE = 30.0
SCHEMA = '{"type": "object", "properties": {"path": {"type": "string"}}}'
TOOLS = tuple(
    ToolSpec(name=name, description=f"{name}s.", parameters=SCHEMA)
    for name in ("Read", "Search")
)
REQUEST = ModelRequest(
    messages=(
        ChatMessage(role=MessageRole.SYSTEM, text="You are Farol's CTO."),
        ChatMessage(role=MessageRole.SYSTEM, text="Be brief."),
        ChatMessage(role=MessageRole.USER, text="What is 1+1?"),
    ),
    tools=TOOLS,
    max_tokens=500,
)
SECRETS = {
    "ANTHROPIC_API_KEY": "sk-ant-none",
    "ANTHROPIC_AUTH_TOKEN": "none",
    "ANTHROPIC_BASE_URL": "http://127.0.0.1:9",
    "CLAUDE_CODE_OAUTH_TOKEN": "none",
    "CLAUDE_CODE_USE_BEDROCK": "1",
    "COPILOT_GITHUB_TOKEN": "none",
    "GH_TOKEN": "none",
    "GITHUB_TOKEN": "none",
    "COPILOT_PROVIDER_API_KEY": "none",
    "OPENAI_API_KEY": "none",
    "NODE_OPTIONS": "--require=x",
}


def offer_of(
    program: FakeProgram,
    model: str = "sonnet",
    leave: int | None = None,
    reasoning: Reasoning | None = None,
) -> ModelOffer:
    kind = program.version.partition("-")[0]
    wire = WireFormat.CLAUDE_CODE if kind == "claude" else WireFormat.COPILOT
    return ModelOffer(
        name=f"{wire}/{model}",
        provider=wire,
        model=model,
        wire=wire,
        program=str(program.path),
        leave=leave,
        reasoning=reasoning,
    )


def clients(
    root: Path,
    limits: CallTimeouts | None = None,
    more: Mapping[str, str] | None = None,
) -> ModelClients:
    """The clients of a company in `root`, in an environment full of keys."""
    home = {"HOME": os.environ["HOME"], "PATH": os.environ["PATH"]}
    return ModelClients(root, {**SECRETS, **home, **(more or {})}, limits)


def ask(
    root: Path,
    offer: ModelOffer,
    request: ModelRequest = REQUEST,
    limits: CallTimeouts | None = None,
) -> tuple[ModelAnswer, list[str]]:
    async def asking() -> tuple[ModelAnswer, list[str]]:
        models, heard = clients(root, limits), list[str]()
        try:
            async with asyncio.timeout(PATIENCE):
                return await models.ask(offer, request, heard.append), heard
        finally:
            await models.aclose()

    return asyncio.run(asking())


def fail(
    root: Path,
    offer: ModelOffer,
    request: ModelRequest = REQUEST,
    limits: CallTimeouts | None = None,
) -> CallFailed:
    with pytest.raises(CallFailed) as failed:
        ask(root, offer, request, limits)
    return failed.value


def longer(*more: ChatMessage) -> ModelRequest:
    return replace(REQUEST, messages=(*REQUEST.messages, *more))
