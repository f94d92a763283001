"""Every model that can be asked, each in its own way; what a way needs is loaded when it is first used."""

from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, assert_never

from agentco.company.model_offers import Offer, Wire
from agentco.engine.ports import Hear
from agentco.kernel.errors import CallFailed, Trouble
from agentco.runs.model_messages import Answer, Request

if TYPE_CHECKING:
    from agentco.adapters.models.calls import Limits
    from agentco.adapters.models.chat import Chat
    from agentco.adapters.models.claude import Claude
    from agentco.adapters.models.lite import Lite
    from agentco.adapters.models.scripted import Scripted


class Models:
    """The models of a company: scripts lie below `root`, keys are in `env`. Close it where it asked."""

    def __init__(
        self, root: Path, env: Mapping[str, str], limits: "Limits | None" = None
    ) -> None:
        self._root = root
        self._env = env
        self._limits = limits

    async def ask(self, offer: Offer, request: Request, hear: Hear) -> Answer:
        """One call, never repeated by itself. Raises CallFailed; a cancelled call is closed at once."""
        if lacks := self.missing(offer):
            raise CallFailed(
                lacks, hint="mend that, or ask another model", trouble=Trouble.REFUSED
            )
        return await self._way(offer).ask(offer, request, hear)

    def missing(self, offer: Offer) -> str | None:
        """What this machine lacks to ask it, in words; None when it can be asked."""
        return offer.unable or self._way(offer).missing(offer)

    async def aclose(self) -> None:
        """Close every connection."""
        for way in {"_chat", "_claude", "_lite"} & self.__dict__.keys():
            await self.__dict__[way].aclose()

    def _way(self, offer: Offer) -> "Chat | Claude | Lite | Scripted":
        match offer.wire:
            case Wire.OPENAI:
                return self._chat
            case Wire.ANTHROPIC:
                return self._claude
            case Wire.LITELLM:
                return self._lite
            case Wire.SCRIPTED:
                return self._scripted
            case _:
                assert_never(offer.wire)

    @cached_property
    def _chat(self) -> "Chat":
        from agentco.adapters.models.chat import Chat

        return Chat(self._env, self._limits)

    @cached_property
    def _claude(self) -> "Claude":
        from agentco.adapters.models.claude import Claude

        return Claude(self._env, self._limits)

    @cached_property
    def _lite(self) -> "Lite":
        from agentco.adapters.models.lite import Lite

        return Lite(self._env, self._limits)

    @cached_property
    def _scripted(self) -> "Scripted":
        from agentco.adapters.models.scripted import Scripted

        return Scripted(self._root)
