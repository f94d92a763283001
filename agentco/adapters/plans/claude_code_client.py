"""Asking Claude Code: `claude -p` for each call, with its own tools, files, hooks and servers off.

Our tools reach it through an MCP server that only lists them. It may call none, so it ends after
the answer that asks for them. Where it would ask the model again by itself, it is ended first.
"""

import sys
from pathlib import Path
from typing import Any

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from agentco.adapters.models.silence_limit import silence_limit
from agentco.adapters.models.streamed_reply import UnreadableAnswer
from agentco.adapters.plans import tool_listing
from agentco.adapters.plans.claude_code_events import ClaudeCodeTalk
from agentco.adapters.plans.claude_code_failures import claude_code_failure
from agentco.adapters.plans.plan_client import PlanClient
from agentco.adapters.plans.plan_programs import PLAN_PROGRAMS, find_program
from agentco.adapters.plans.program_process import ProgramProcess
from agentco.adapters.plans.talk_as_text import system_text, talk_text
from agentco.company.model_offers import ModelOffer
from agentco.company.reasoning_fields import effort_in
from agentco.company.records import Reasoning
from agentco.ports.outside import Hearing
from agentco.ports.plans import ProgramState
from agentco.runs.model_messages import ModelAnswer, ModelRequest

SERVER = "agentco"
PREFIX = f"mcp__{SERVER}__"
"""What the program puts before the name of each of our tools."""
FIRST_TELLING = (2, 1, 197)
"""The first version that was seen to answer `auth status`."""
_OPTIONS = (
    *("-p", "--output-format", "stream-json", "--verbose"),
    *("--include-partial-messages", "--max-turns", "1"),
    # none of its own tools, and no permission to use another
    *("--tools", "", "--permission-mode", "dontAsk"),
    # no settings, hooks, memories, commands or servers of user and project
    *("--setting-sources", "", "--strict-mcp-config", "--disable-slash-commands"),
    "--no-session-persistence",
)
_SWITCHES = {
    "CLAUDE_CODE_MAX_RETRIES": "0",
    "CLAUDE_CODE_DISABLE_NONSTREAMING_FALLBACK": "1",
    "CLAUDE_CODE_DISABLE_REFUSAL_RETRY": "1",
    "CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC": "1",
    "DISABLE_AUTOUPDATER": "1",
    "ENABLE_TOOL_SEARCH": "false",
}


class _Login(Struct, rename="camel"):
    """What `claude auth status` tells."""

    logged_in: bool
    email: str | None = None
    org_name: str | None = None
    subscription_type: str | None = None


class ClaudeCodeClient(PlanClient):
    """The client of Claude Code."""

    async def _converse(
        self, offer: ModelOffer, request: ModelRequest, hearing: Hearing, folder: Path
    ) -> ModelAnswer:
        talk = ClaudeCodeTalk(request, hearing, PREFIX)
        process = await self._start(offer, request, folder)
        wait_s = self._limits.connect + self._limits.first_byte
        try:
            async with silence_limit(wait_s) as limit:
                await process.write(talk_text(request).encode("utf-8", "replace"))
                process.close_input()
                async for line in process.lines():
                    talk.read_line(line)
                    if talk.is_over:
                        break
                    if talk.has_begun:
                        limit.set(self._limits.silence)
                    if talk.only_rest_is_left:
                        limit.set(self._limits.last_bytes)
        except (TimeoutError, UnreadableAnswer) as error:
            if not talk.answer():
                why = str(error) or "nothing more arrived in time"
                raise self._lost_answer(offer, why) from error
        finally:
            await process.end(at_once=talk.would_go_on)
        self._windows().learn(offer.wire, talk.windows)
        answer = talk.answer()
        if answer:
            return answer
        if talk.limit and not talk.has_asked:
            raise self._full_window(offer, talk.limit)
        raise claude_code_failure(offer, talk, process.last_words)

    async def _look(
        self, offer: ModelOffer, state: ProgramState, folder: Path
    ) -> ProgramState:
        first = await self._words_of(offer, (state.path, "--version"), folder)
        state = replace(state, version=first.partition(" ")[0])
        if not _tells_login(state.version):
            return state
        told = await self._words_of(offer, (state.path, "auth", "status"), folder)
        try:
            login = msgspec.json.decode(told, type=_Login)
        except ValueError:
            return state
        who = login.email or login.org_name or ""
        plan = f" ({login.subscription_type} plan)" if login.subscription_type else ""
        whose = f"{who}{plan}" if who else ""
        return replace(state, signed_in=login.logged_in, login=whose)

    async def _words_of(
        self, offer: ModelOffer, command: tuple[str, ...], folder: Path
    ) -> str:
        """What a command of the program prints."""
        env = {**PLAN_PROGRAMS[offer.wire].environment(self._env), **_SWITCHES}
        process = await ProgramProcess.start(
            command, env, cwd=self._nowhere(), folder=folder
        )
        try:
            process.close_input()
            lines = [line async for line in process.lines()]
        finally:
            await process.end()
        return b"\n".join(lines).decode("utf-8", "replace").strip()

    async def _start(
        self, offer: ModelOffer, request: ModelRequest, folder: Path
    ) -> ProgramProcess:
        """Start the program for one call."""
        system = folder / "system.txt"
        system.write_text(system_text(request), encoding="utf-8", errors="replace")
        command = (
            find_program(offer, self._env, self._root).path,
            *_OPTIONS,
            *("--model", offer.model, "--system-prompt-file", str(system)),
            *("--mcp-config", _list_tools(request, folder)),
        )
        effort = effort_in(offer.reasoning, request.max_tokens)
        silent = {"MAX_THINKING_TOKENS": "0"}
        env = {
            **PLAN_PROGRAMS[offer.wire].environment(self._env),
            **_SWITCHES,
            "CLAUDE_CODE_MAX_OUTPUT_TOKENS": str(request.max_tokens),
            "CLAUDE_CODE_EFFORT_LEVEL": str(effort),
            **(silent if offer.reasoning is Reasoning.OFF else {}),
        }
        return await ProgramProcess.start(
            command, env, cwd=self._nowhere(), folder=folder
        )


def _tells_login(version: str) -> bool:
    """Whether a version knows the question; an older one could take it for a prompt."""
    numbers = version.split(".")
    if not all(number.isdecimal() for number in numbers):
        return False
    return tuple(map(int, numbers)) >= FIRST_TELLING


def _list_tools(request: ModelRequest, folder: Path) -> str:
    """Write down which server lists the tools of a request; returns the file's path."""
    servers: dict[str, Any] = {}
    if request.tools:
        tools = folder / "tools.json"
        listing = [
            {
                "name": tool.name,
                "description": tool.description,
                "inputSchema": msgspec.json.decode(tool.parameters),
            }
            for tool in request.tools
        ]
        tools.write_bytes(msgspec.json.encode(listing))
        script = ["-I", "-S", tool_listing.__file__, str(tools)]
        servers[SERVER] = {"type": "stdio", "command": sys.executable, "args": script}
    config = folder / "servers.json"
    config.write_bytes(msgspec.json.encode({"mcpServers": servers}))
    return str(config)
