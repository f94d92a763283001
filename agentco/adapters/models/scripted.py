"""`scripted/FILE`: a model that says what a file of the company says, for the demo and for tests.

The file is a list of steps: `when` (words that must all occur in the system's text or the founder's first),
`text`, `calls` (`name`, and `arguments` as a map or as any text), `stop` (`end`, `length`, `refused`) and
`usage` (`input`, `output`). The steps of a talk are those whose words occur in it; where none do, those
without words. Its n-th answer is the n-th of them, counted by the assistant's messages in the request:
nothing is kept, so a talk goes on after a restart. Past the last step the call is refused.
"""

import asyncio
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from agentco.adapters.files.safe_read import read_regular, real_path
from agentco.adapters.models.reply import written
from agentco.company.model_offers import Offer
from agentco.kernel.errors import CallFailed, StateBroken, Trouble
from agentco.runs.model_messages import Answer, Request, Role, Stop, ToolCall, Usage

LARGEST = 1024 * 1024
BYTES_IN_A_TOKEN = 4
_PIECE = re.compile(r"\S+\s*|\s+")


class ScriptedCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that a step wants used."""

    name: str
    arguments: dict[str, Any] | str = {}


class Step(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer, and when it is given."""

    when: str = ""
    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    stop: Stop | None = None
    usage: Usage | None = None


class Scripted:
    """Answers from the scripts in a company."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def missing(self, offer: Offer) -> str | None:
        """Why the script cannot be followed, in words."""
        try:
            self._steps(offer)
        except CallFailed as error:
            return error.what
        return None

    async def ask(
        self, offer: Offer, request: Request, hear: Callable[[str], None]
    ) -> Answer:
        """The step of this request, told word by word. Raises CallFailed."""
        turn = sum(message.role is Role.ASSISTANT for message in request.messages)
        steps = _chosen(self._steps(offer), request)
        if turn >= len(steps):
            raise _refused(
                f"the script {offer.model!r} has no answer number {turn + 1} to this"
            )
        step = steps[turn]
        for piece in _PIECE.findall(step.text):
            hear(piece)
            await asyncio.sleep(0)
        earlier = sum(len(message.calls) for message in request.messages)
        calls = tuple(
            ToolCall(id=f"call_{n}", name=call.name, arguments=written(call.arguments))
            for n, call in enumerate(step.calls, start=earlier + 1)
        )
        stop = step.stop or (Stop.TOOLS if calls else Stop.END)
        return Answer(
            text=step.text,
            calls=calls,
            stop=stop,
            usage=step.usage or _usage(request, step),
        )

    def _steps(self, offer: Offer) -> list[Step]:
        script = f"the script {offer.model!r}"
        try:
            data = read_regular(
                real_path(self._root / offer.model, self._root), LARGEST
            )
            return msgspec.yaml.decode(data, type=list[Step])
        except StateBroken as error:
            raise _refused(f"{script} lies outside the company") from error
        except OSError as error:
            raise _refused(f"{script} cannot be read: {error.strerror}") from error
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            raise _refused(" ".join(f"{script} is none: {error}".split())) from error


def _refused(what: str) -> CallFailed:
    hint = "name a file of the company as scripted/FILE, and give it a step for each answer"
    return CallFailed(what, hint=hint, trouble=Trouble.REFUSED)


def _chosen(steps: list[Step], request: Request) -> list[Step]:
    first = next((m.text for m in request.messages if m.role is Role.USER), "")
    system = (m.text for m in request.messages if m.role is Role.SYSTEM)
    heard = " ".join([first, *system]).casefold()
    wanted = [
        s
        for s in steps
        if s.when and all(word in heard for word in s.when.casefold().split())
    ]
    return wanted or [step for step in steps if not step.when]


def _usage(request: Request, step: Step) -> Usage:
    """Tokens by the bytes of what was sent and said."""
    sent = len(msgspec.json.encode(request.messages))
    said = len(msgspec.json.encode((step.text, step.calls)))
    return Usage(input=sent // BYTES_IN_A_TOKEN, output=said // BYTES_IN_A_TOKEN)
