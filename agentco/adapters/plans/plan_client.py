"""Asking a model through the program of a plan: one call in, text and tool calls out.

The program carries out nothing. Whatever becomes of a call, the program and all that it started end
with it.
"""

import asyncio
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from zoneinfo import ZoneInfo

from msgspec.structs import replace

from agentco.adapters.clock import RealClock, local_timezone
from agentco.adapters.files.trust_file import trust_file_path
from agentco.adapters.models.call_failures import call_failure
from agentco.adapters.models.http_client import CallTimeouts
from agentco.adapters.models.streamed_reply import UnreadableAnswer
from agentco.adapters.plans.plan_programs import PLAN_PROGRAMS, find_program
from agentco.adapters.plans.plan_windows import WINDOWS_FILE, PlanWindows
from agentco.company.model_offers import ModelOffer
from agentco.kernel.errors import AgentcoError, CallFailed, Trouble
from agentco.ports.outside import Hearing, HearText
from agentco.ports.plans import PlanWindow, ProgramState
from agentco.runs.model_messages import ModelAnswer, ModelRequest

MAX_PROGRAMS = 2
"""At work at once for one process of ours: each takes 200 to 300 MB."""
NOWHERE = "nowhere"
"""The empty folder in which programs work, always the same one: they keep notes of every folder."""
LOOK_S = 20.0
"""How long a program may take to say its version and its login."""
_LATE_HINT = "it may have been counted anyway; try again, or use another model"


class PlanClient(ABC):
    """What the clients of all plans share; scripts and programs are looked for from `root`."""

    def __init__(
        self, root: Path, env: Mapping[str, str], limits: CallTimeouts | None = None
    ) -> None:
        self._root = root
        self._env = env
        self._limits = limits or CallTimeouts()
        self._places = asyncio.Semaphore(MAX_PROGRAMS)

    def missing(self, offer: ModelOffer) -> str | None:
        """What this machine lacks to ask it, in words. Nothing is started to find out."""
        problem = find_program(offer, self._env, self._root).problem
        if not problem:
            try:
                trust_file_path(self._root)
            except AgentcoError as error:
                problem = f"{error.what}: {error.hint}"
        return f"{offer.name}: {problem}" if problem else None

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: HearText, think: HearText
    ) -> ModelAnswer:
        """One call. Raises CallFailed."""
        from anyio import fail_after

        self._raise_if_full(offer)
        async with self._places:
            with TemporaryDirectory(
                prefix="agentco-", ignore_cleanup_errors=True
            ) as folder:
                try:
                    with fail_after(self._limits.whole_call(offer)):
                        return await self._converse(
                            offer, request, Hearing(hear, think), Path(folder)
                        )
                except TimeoutError as error:
                    limit_s = self._limits.whole_call(offer)
                    what = (
                        f"did not finish its answer: it took longer than {limit_s:g} s"
                    )
                    raise call_failure(
                        offer, "", what, Trouble.LOST, _LATE_HINT
                    ) from error

    def windows(self, offer: ModelOffer) -> Sequence[PlanWindow]:
        """How far the windows are used that count a model, as the vendor said last."""
        try:
            return self._windows().counting(offer, self._now())
        except AgentcoError:
            return ()  # without a home nothing is kept

    async def program_state(self, offer: ModelOffer, *, start: bool) -> ProgramState:
        """How the program of a plan stands; without `start` it is only looked for."""
        found = find_program(offer, self._env, self._root)
        state = ProgramState(
            provider=offer.provider,
            name=PLAN_PROGRAMS[offer.wire].name,
            path=found.path,
            problem=found.problem,
        )
        if not found.path:
            return state
        try:
            windows = tuple(self._windows().of_plan(offer.wire, self._now()))
            state = replace(state, windows=windows)
            return await self._ask_program(offer, state) if start else state
        except AgentcoError as error:
            return replace(state, problem=error.what, hint=error.hint)

    async def _ask_program(
        self, offer: ModelOffer, state: ProgramState
    ) -> ProgramState:
        """Have the program say how it stands. Raises AgentcoError."""
        try:
            with TemporaryDirectory(
                prefix="agentco-", ignore_cleanup_errors=True
            ) as folder:
                async with asyncio.timeout(LOOK_S):
                    told = await self._look(offer, state, Path(folder))
        except TimeoutError:
            return replace(state, problem=f"did not answer within {LOOK_S:g} s")
        except (OSError, UnreadableAnswer) as error:
            return replace(state, problem=f"cannot report its state: {error}")
        if told.signed_in is not False:
            return told
        hint = PLAN_PROGRAMS[offer.wire].sign_in
        return replace(told, problem="not signed in", hint=hint)

    async def aclose(self) -> None:  # noqa: B027  most have nothing at work between calls
        """End what is still at work."""

    @abstractmethod
    async def _converse(
        self, offer: ModelOffer, request: ModelRequest, hearing: Hearing, folder: Path
    ) -> ModelAnswer:
        """Have the program make one call; `folder` is for this call alone. Raises CallFailed."""

    @abstractmethod
    async def _look(
        self, offer: ModelOffer, state: ProgramState, folder: Path
    ) -> ProgramState:
        """Have the program say its version and whose login it has; no model is asked.

        Raises OSError, UnreadableAnswer, AgentcoError.
        """

    def _nowhere(self) -> Path:
        """The empty folder in which the program works."""
        folder = trust_file_path(self._root).parent / NOWHERE
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return folder

    def _windows(self) -> PlanWindows:
        return PlanWindows(trust_file_path(self._root).parent / WINDOWS_FILE)

    def _now(self) -> float:
        return RealClock().now().timestamp()

    def _raise_if_full(self, offer: ModelOffer) -> None:
        """Raise CallFailed while a window is used as far as it may be: no program is started."""
        window = self._windows().full_for(offer, self._now())
        if window:
            raise self._full_window(offer, window)

    def _full_window(self, offer: ModelOffer, window: PlanWindow) -> CallFailed:
        zone = ZoneInfo(local_timezone())
        what = window.why_resting(offer.leave, self._now(), zone)
        hint = "wait, lower `leave` under limits:, or name a second model"
        failure = call_failure(offer, "", what, Trouble.BUSY, hint)
        failure.retry_after = max(window.resets - self._now(), 0.0)
        return failure

    def _signed_out(self, offer: ModelOffer, why: str) -> CallFailed:
        program = PLAN_PROGRAMS[offer.wire]
        what = f"is not signed in: {why}"
        return call_failure(offer, "", what, Trouble.CLOSED, program.sign_in)

    def _lost_answer(self, offer: ModelOffer, why: str) -> CallFailed:
        what = f"did not finish its answer: {why}"
        return call_failure(offer, "", what, Trouble.LOST)
