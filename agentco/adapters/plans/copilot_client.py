"""Asking GitHub Copilot: its program as a server, in the empty mode of its SDK, a session a call.

Its SDK's protocol is spoken without the SDK, which takes two seconds to import, starts the program
outside of any group, and in its empty mode cannot use a login that the system keeps. No permission
that the program asks for is ever given, so it carries out nothing.
"""

import re
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import msgspec
from msgspec import Struct

from agentco.adapters.models.call_failures import call_failure
from agentco.adapters.models.http_client import CallTimeouts
from agentco.adapters.models.silence_limit import silence_limit
from agentco.adapters.models.streamed_reply import UnreadableAnswer
from agentco.adapters.plans.copilot_events import ALMOST_FULL, CopilotTalk
from agentco.adapters.plans.copilot_failures import (
    copilot_failure,
    copilot_refusal,
    is_out_of_quota,
)
from agentco.adapters.plans.plan_client import PlanClient
from agentco.adapters.plans.plan_programs import PLAN_PROGRAMS, find_program
from agentco.adapters.plans.program_process import ProgramProcess
from agentco.adapters.plans.rpc_connection import RpcConnection, RpcError
from agentco.adapters.plans.talk_as_text import system_text, talk_text
from agentco.company.model_offers import ModelOffer
from agentco.company.reasoning_fields import effort_in
from agentco.kernel import package_data
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import Hearing
from agentco.ports.plans import FULL, ProgramState
from agentco.runs.model_messages import ModelAnswer, ModelRequest

PROTOCOLS = range(2, 4)
"""The versions of the protocol that are known here."""
_OPTIONS = ("--headless", "--no-auto-update", "--log-level", "none", "--stdio")
_CLIENT = {"editorName": "agentco"}
_ABOUT_EFFORT = re.compile("reasoning.?effort", re.IGNORECASE)
_UPDATE_HINT = "update GitHub Copilot's program, or agentco"


class _SessionSettings(Struct, frozen=True):
    """What a session is made with, and what of it can only be set afterwards."""

    create: dict[str, Any]
    update: dict[str, Any]


_SETTINGS = package_data.load_table(__name__, _SessionSettings, "copilot_session")


class _Connected(Struct, rename="camel"):
    protocol_version: int = 0
    version: str = ""


class CopilotLogin(Struct, rename="camel"):
    """Whether somebody is signed in, and who."""

    is_authenticated: bool = False
    login: str | None = None
    status_message: str | None = None


class _Session(Struct, rename="camel"):
    session_id: str


class CopilotProgram:
    """The program at work as a server, with the folder that lives as long as it does."""

    def __init__(
        self, rpc: RpcConnection, folder: TemporaryDirectory[str], path: str
    ) -> None:
        self.rpc = rpc
        self.path = path
        self.version = ""
        self.login = CopilotLogin()
        self._folder = folder

    @property
    def has_ended(self) -> bool:
        """Whether it is of no use any more."""
        return self.rpc.process.has_ended

    async def end(self, *, at_once: bool = False) -> None:
        """End it with all that it started."""
        await self.rpc.process.end(at_once=at_once)
        self._folder.cleanup()


class CopilotClient(PlanClient):
    """The client of GitHub Copilot. A program that is through with a call takes the next one."""

    def __init__(
        self, root: Path, env: Mapping[str, str], limits: CallTimeouts | None = None
    ) -> None:
        super().__init__(root, env, limits)
        self._idle: list[CopilotProgram] = []
        self._without_effort: set[str] = set()

    async def aclose(self) -> None:
        """End the programs."""
        while self._idle:
            await self._idle.pop().end()

    async def _converse(
        self, offer: ModelOffer, request: ModelRequest, hearing: Hearing, folder: Path
    ) -> ModelAnswer:
        try:
            async with self._program(offer) as program:
                talk = await self._ask_once(program, offer, request, hearing, folder)
        except RpcError as error:
            raise copilot_refusal(offer, str(error)) from error
        except (TimeoutError, UnreadableAnswer) as error:
            why = str(error) or "nothing more arrived in time"
            raise self._lost_answer(offer, why) from error
        answer = talk.answer()
        if answer:
            return answer
        raise self._failure(offer, talk)

    @asynccontextmanager
    async def _program(self, offer: ModelOffer) -> AsyncGenerator[CopilotProgram]:
        """A program for one call; it is ended unless the call went as it should."""
        path = find_program(offer, self._env, self._root).path
        usable = [one for one in self._idle if one.path == path and not one.has_ended]
        if usable:
            program = usable[0]
            self._idle.remove(program)
        else:
            program = await self._start_signed_in(offer, path)
        try:
            yield program
        except BaseException:
            await program.end(at_once=True)
            raise
        if program.has_ended:
            await program.end()
        else:
            self._idle.append(program)

    async def _look(
        self, offer: ModelOffer, state: ProgramState, folder: Path
    ) -> ProgramState:
        del folder  # the program is given one of its own
        program = await self._start(offer, state.path)
        await program.end()
        login = program.login
        return msgspec.structs.replace(
            state,
            version=program.version,
            login=login.login or "",
            signed_in=login.is_authenticated,
        )

    async def _start_signed_in(self, offer: ModelOffer, path: str) -> CopilotProgram:
        """Start the program, which must be signed in. Raises CallFailed."""
        program = await self._start(offer, path)
        if not program.login.is_authenticated:
            await program.end()
            raise self._signed_out(
                offer, program.login.status_message or "nobody has signed in"
            )
        return program

    async def _start(self, offer: ModelOffer, path: str) -> CopilotProgram:
        """Start the program, and have it say who is signed in. Raises CallFailed."""
        folder = TemporaryDirectory(prefix="agentco-", ignore_cleanup_errors=True)
        place = Path(folder.name)
        command = (path, *_OPTIONS, "--log-dir", str(place / "logs"))
        env = PLAN_PROGRAMS[offer.wire].environment(self._env)
        try:
            process = await ProgramProcess.start(
                command, env, cwd=self._nowhere(), folder=place
            )
        except BaseException:
            folder.cleanup()
            raise
        program = CopilotProgram(RpcConnection(process), folder, path)
        try:
            async with silence_limit(self._limits.connect + self._limits.first_byte):
                await self._greet(offer, program)
        except BaseException:
            await program.end()
            raise
        return program

    async def _greet(self, offer: ModelOffer, program: CopilotProgram) -> None:
        """Agree on the protocol, and ask whether somebody is signed in."""
        try:
            hello = await program.rpc.call("connect", {"clientInfo": _CLIENT})
            connected = msgspec.json.decode(hello, type=_Connected)
            told = await program.rpc.call("auth.getStatus", {})
            program.login = msgspec.json.decode(told, type=CopilotLogin)
            program.version = connected.version
        except (RpcError, UnreadableAnswer, ValueError) as error:
            what = f"did not start: {error}"
            raise call_failure(offer, "", what, Trouble.CLOSED, _UPDATE_HINT) from error
        if connected.protocol_version not in PROTOCOLS:
            what = f"speaks version {connected.protocol_version} of its protocol"
            what = f"{what}, which is not known here"
            raise call_failure(offer, "", what, Trouble.CLOSED, _UPDATE_HINT)

    async def _ask_once(
        self,
        program: CopilotProgram,
        offer: ModelOffer,
        request: ModelRequest,
        hearing: Hearing,
        folder: Path,
    ) -> CopilotTalk:
        """Make one call in a session of its own, whose files lie in `folder`."""
        rpc = program.rpc
        wait_s = self._limits.connect + self._limits.first_byte
        async with silence_limit(wait_s) as limit:
            made = await self._create_session(rpc, offer, request, folder)
            session = msgspec.json.decode(made, type=_Session).session_id
            named = {"sessionId": session}
            await rpc.call("session.options.update", named | _SETTINGS.update)
            talk = CopilotTalk(session, request, hearing)
            await rpc.call("session.send", named | {"prompt": talk_text(request)})
            while not talk.is_over:
                message = await rpc.next_message()
                if message.method == "session.event":
                    talk.read(message.params)
                if talk.has_begun:
                    limit.set(self._limits.silence)
        if talk.would_go_on or talk.failure:
            # it would ask again by itself
            await program.end(at_once=True)
        else:
            await self._leave_session(program, named)
        self._windows().learn(offer.wire, talk.windows)
        return talk

    async def _create_session(
        self, rpc: RpcConnection, offer: ModelOffer, request: ModelRequest, folder: Path
    ) -> bytes | msgspec.Raw:
        """Begin a session, with the effort that the founder wants where the model takes one."""
        settings = _session(offer, request, folder)
        if not offer.reasoning or offer.name in self._without_effort:
            return await rpc.call("session.create", settings)
        effort = {"reasoningEffort": str(effort_in(offer.reasoning, 0))}
        try:
            return await rpc.call("session.create", settings | effort)
        except RpcError as error:
            if not _ABOUT_EFFORT.search(str(error)):
                raise
            self._without_effort.add(offer.name)
            return await rpc.call("session.create", settings)

    async def _leave_session(
        self, program: CopilotProgram, named: dict[str, str]
    ) -> None:
        """End a session with what it waits for; a program that cannot is ended itself."""
        try:
            async with silence_limit(self._limits.last_bytes):
                await program.rpc.call("session.abort", named)
                await program.rpc.call("session.destroy", named)
        except (RpcError, UnreadableAnswer, TimeoutError):
            await program.end()
        program.rpc.forget_kept()

    def _failure(self, offer: ModelOffer, talk: CopilotTalk) -> CallFailed:
        if talk.failure is None:
            return self._lost_answer(offer, talk.why_unfinished)
        if is_out_of_quota(talk.failure):
            used_up = [
                msgspec.structs.replace(window, used=FULL)
                for window in talk.windows
                if window.used >= ALMOST_FULL and window.resets > self._now()
            ]
            if used_up:
                fullest = max(used_up, key=lambda window: window.resets)
                self._windows().learn(offer.wire, [fullest])
                return self._full_window(offer, fullest)
        return copilot_failure(offer, talk.failure, has_begun=talk.has_begun)


def _session(offer: ModelOffer, request: ModelRequest, folder: Path) -> dict[str, Any]:
    """What a session is made with: nothing of its own, and nothing of the user's or a project's.

    What the user has set up for the program lies in its own folder of settings: the session is
    given an empty one.
    """
    tools = [
        {
            "name": tool.name,
            "description": tool.description,
            "parameters": msgspec.json.decode(tool.parameters),
            "overridesBuiltInTool": True,
        }
        for tool in request.tools
    ]
    return _SETTINGS.create | {
        "model": offer.model,
        "configDir": str(folder),
        "systemMessage": {"mode": "replace", "content": system_text(request)},
        "tools": tools,
        "availableTools": ["custom:*"] if tools else [],
    }
