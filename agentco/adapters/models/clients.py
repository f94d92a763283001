"""Every model that can be asked, each in its own way; loaded when it is first used."""

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from agentco.company.model_offers import ModelOffer, WireFormat
from agentco.kernel.errors import CallFailed, Trouble
from agentco.ports.outside import HearText, ServedContext, ignore_thought
from agentco.ports.plans import PlanWindow, ProgramState
from agentco.runs.model_messages import ModelAnswer, ModelRequest

if TYPE_CHECKING:
    from agentco.adapters.models.chat_client import ChatClient
    from agentco.adapters.models.claude_client import ClaudeClient
    from agentco.adapters.models.http_client import CallTimeouts
    from agentco.adapters.models.litellm_client import LiteLLMClient
    from agentco.adapters.models.scripted_model import ScriptedModel
    from agentco.adapters.models.served_context import ServedContexts
    from agentco.adapters.plans.claude_code_client import ClaudeCodeClient
    from agentco.adapters.plans.copilot_client import CopilotClient
    from agentco.adapters.plans.plan_client import PlanClient


class ModelClients:
    """The models of a company: scripts lie below `root`, keys are in `env`. Close it after use."""

    def __init__(
        self, root: Path, env: Mapping[str, str], limits: "CallTimeouts | None" = None
    ) -> None:
        self._root = root
        self._env = env
        self._limits = limits
        self._refused_at: dict[str, int] = {}

    async def ask(
        self,
        offer: ModelOffer,
        request: ModelRequest,
        hear: HearText,
        think: HearText = ignore_thought,
    ) -> ModelAnswer:
        """Ask once, without retries. Raises CallFailed; a cancelled call is closed at once."""
        missing = self.missing(offer)
        if missing:
            hint = "fix that, or use another model"
            raise CallFailed(missing, hint=hint, trouble=Trouble.REFUSED)
        try:
            return await self._client_for(offer).ask(offer, request, hear, think)
        except CallFailed as failure:
            if failure.context:
                self._refused_at[offer.name] = failure.context
            raise

    def missing(self, offer: ModelOffer) -> str | None:
        """What this machine lacks to ask it, in words; None when it can be asked."""
        return offer.unable or self._client_for(offer).missing(offer)

    async def served_context(
        self, offer: ModelOffer, *, load: bool = True
    ) -> ServedContext | None:
        """What the founder's own server says that a model reads; None where nobody tells."""
        if offer.name in self._refused_at:
            return ServedContext(tokens=self._refused_at[offer.name])
        if not offer.asks_context:
            return None
        return await self._served.find(offer, load=load)

    def plan_windows(self, offer: ModelOffer) -> Sequence[PlanWindow]:
        """How far the windows of a plan are used that count a model, as its vendor said last."""
        plan = self._plan_client(offer)
        return plan.windows(offer) if plan else ()

    async def program_state(
        self, offer: ModelOffer, *, start: bool
    ) -> ProgramState | None:
        """How the program of a plan stands; None for a model of none. No model is asked."""
        plan = self._plan_client(offer)
        return await plan.program_state(offer, start=start) if plan else None

    async def aclose(self) -> None:
        """Close every connection."""
        made = self.__dict__  # where a cached property is once it was used
        for name in (
            "_chat",
            "_claude",
            "_lite",
            "_claude_code",
            "_copilot",
            "_served",
        ):
            if name in made:
                await made[name].aclose()

    def _plan_client(self, offer: ModelOffer) -> "PlanClient | None":
        match offer.wire:
            case WireFormat.CLAUDE_CODE:
                return self._claude_code
            case WireFormat.COPILOT:
                return self._copilot
            case _:
                return None

    def _client_for(
        self, offer: ModelOffer
    ) -> "ChatClient | ClaudeClient | LiteLLMClient | ScriptedModel | PlanClient":
        match offer.wire:
            case WireFormat.OPENAI:
                return self._chat
            case WireFormat.ANTHROPIC:
                return self._claude
            case WireFormat.LITELLM:
                return self._lite
            case WireFormat.SCRIPTED:
                return self._scripted
            case WireFormat.CLAUDE_CODE:
                return self._claude_code
            case WireFormat.COPILOT:
                return self._copilot
            case _:
                assert_never(offer.wire)

    @cached_property
    def _served(self) -> "ServedContexts":
        from agentco.adapters.models.served_context import ServedContexts

        return ServedContexts(self._env)

    @cached_property
    def _chat(self) -> "ChatClient":
        from agentco.adapters.models.chat_client import ChatClient

        return ChatClient(self._env, self._limits)

    @cached_property
    def _claude(self) -> "ClaudeClient":
        from agentco.adapters.models.claude_client import ClaudeClient

        return ClaudeClient(self._env, self._limits)

    @cached_property
    def _lite(self) -> "LiteLLMClient":
        from agentco.adapters.models.litellm_client import LiteLLMClient

        return LiteLLMClient(self._env, self._limits)

    @cached_property
    def _scripted(self) -> "ScriptedModel":
        from agentco.adapters.models.scripted_model import ScriptedModel

        return ScriptedModel(self._root)

    @cached_property
    def _claude_code(self) -> "ClaudeCodeClient":
        from agentco.adapters.plans.claude_code_client import ClaudeCodeClient

        return ClaudeCodeClient(self._root, self._env, self._limits)

    @cached_property
    def _copilot(self) -> "CopilotClient":
        from agentco.adapters.plans.copilot_client import CopilotClient

        return CopilotClient(self._root, self._env, self._limits)


def load_transport() -> None:
    """Load what the first call over HTTP would, certificates included, without making a client."""
    from importlib import import_module

    from agentco.adapters.models.http_client import shared_ssl_context

    shared_ssl_context()
    import_module("anyio._backends._asyncio")
