"""`scripted/FILE`: a model that says what a file of the company says, for the demo and for tests.

The file is a list of steps: `when` (words that must all occur in the system's text or the founder's
first), `text`, `calls` (`name`, and `arguments` as a map or as any text), `stop` (`end`, `length`,
`refused`) and `usage` (`input`, `output`). The steps of a talk are those whose words occur in it;
where none do, those without words. Its n-th answer is the n-th of them, counted by the assistant's
messages in the request; a step that is cut is one answer with the next. Nothing is kept, so a talk
goes on after a restart. Past the last step the call is refused.
"""

import asyncio
import re
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Struct

from agentco.adapters.files.safe_read import read_regular, real_path
from agentco.adapters.models.streamed_reply import arguments_text
from agentco.company.model_offers import ModelOffer
from agentco.kernel.errors import CallFailed, StateBroken, Trouble
from agentco.kernel.text_seam import join_pieces
from agentco.ports.outside import HearText
from agentco.runs.model_messages import (
    MessageRole,
    ModelAnswer,
    ModelRequest,
    StopReason,
    TokenUsage,
    ToolCall,
)

MAX_SCRIPT_BYTES = 1024 * 1024
BYTES_IN_A_TOKEN = 4
_PIECE = re.compile(r"\S+\s*|\s+")


class ScriptedCall(Struct, frozen=True, forbid_unknown_fields=True):
    """A tool that a step wants used."""

    name: str
    arguments: dict[str, Any] | str = {}


class ScriptedStep(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One answer, what is thought before it, and when it is given."""

    when: str = ""
    thoughts: str = ""
    text: str = ""
    calls: tuple[ScriptedCall, ...] = ()
    stop: StopReason | None = None
    usage: TokenUsage | None = None


class ScriptedModel:
    """Answers from the scripts in a company."""

    def __init__(self, root: Path) -> None:
        self._root = root

    def missing(self, offer: ModelOffer) -> str | None:
        """Why the script cannot be followed, in words."""
        try:
            self._load_steps(offer)
        except CallFailed as error:
            return error.what
        return None

    async def ask(
        self, offer: ModelOffer, request: ModelRequest, hear: HearText, think: HearText
    ) -> ModelAnswer:
        """The step of this request, told word by word. Raises CallFailed."""
        step = self._step_for(offer, request)
        think(step.thoughts)
        for piece in _PIECE.findall(step.text):
            hear(piece)
            await asyncio.sleep(0)
        first_number = 1 + sum(len(message.calls) for message in request.messages)
        calls = tuple(
            ToolCall(
                id=f"call_{number}",
                name=call.name,
                arguments=arguments_text(call.arguments),
            )
            for number, call in enumerate(step.calls, start=first_number)
        )
        usual_stop = StopReason.TOOLS if calls else StopReason.END
        return ModelAnswer(
            text=step.text,
            calls=calls,
            stop=step.stop or usual_stop,
            usage=step.usage or _estimate_usage(request, step),
        )

    def _step_for(self, offer: ModelOffer, request: ModelRequest) -> ScriptedStep:
        roles = [message.role for message in request.messages]
        turn = roles.count(MessageRole.ASSISTANT) - bool(request.begun)
        steps = _whole_answers(_matching_steps(self._load_steps(offer), request))
        if turn >= len(steps):
            raise _script_failure(
                f"the script {offer.model!r} has no answer number {turn + 1} to this"
            )
        return _step_that_goes_on(steps[turn], request.begun)

    def _load_steps(self, offer: ModelOffer) -> list[ScriptedStep]:
        script = f"the script {offer.model!r}"
        try:
            path = real_path(self._root / offer.model, self._root)
            data = read_regular(path, MAX_SCRIPT_BYTES)
            return msgspec.yaml.decode(data, type=list[ScriptedStep])
        except StateBroken as error:
            raise _script_failure(f"{script} lies outside the company") from error
        except OSError as error:
            what = f"{script} cannot be read: {error.strerror}"
            raise _script_failure(what) from error
        except (ValueError, yaml.YAMLError, RecursionError) as error:
            one_line = " ".join(f"{script} cannot be used: {error}".split())
            raise _script_failure(one_line) from error


def _script_failure(what: str) -> CallFailed:
    hint = "name a file of the company as scripted/FILE, and give it a step for each answer"
    return CallFailed(what, hint=hint, trouble=Trouble.REFUSED)


def _matching_steps(
    steps: list[ScriptedStep], request: ModelRequest
) -> list[ScriptedStep]:
    """The steps whose words all occur in the talk; where none do, those without words."""
    talk = _opening_words(request)
    matching = [
        step
        for step in steps
        if step.when and all(word in talk for word in step.when.casefold().split())
    ]
    return matching or [step for step in steps if not step.when]


def _whole_answers(steps: list[ScriptedStep]) -> list[list[ScriptedStep]]:
    """The steps by answer: one that is cut goes on with the next."""
    answers: list[list[ScriptedStep]] = []
    goes_on = False
    for step in steps:
        if goes_on:
            answers[-1].append(step)
        else:
            answers.append([step])
        goes_on = step.stop is StopReason.LENGTH
    return answers


def _step_that_goes_on(answer: list[ScriptedStep], begun: str) -> ScriptedStep:
    """The step of an answer behind those that have said what is there of it."""
    said = ""
    for step in answer:
        if said == begun:
            return step
        said = join_pieces(said, step.text)
    return answer[-1]


def _opening_words(request: ModelRequest) -> str:
    """The founder's first words and the system's text."""
    by_role: dict[MessageRole, list[str]] = {}
    for message in request.messages:
        by_role.setdefault(message.role, []).append(message.text)
    first = by_role.get(MessageRole.USER, [""])[0]
    return " ".join([first, *by_role.get(MessageRole.SYSTEM, [])]).casefold()


def _estimate_usage(request: ModelRequest, step: ScriptedStep) -> TokenUsage:
    """Tokens by the bytes of what was sent and answered."""
    sent = len(msgspec.json.encode(request.messages))
    answered = len(msgspec.json.encode((step.text, step.calls)))
    return TokenUsage(
        input=sent // BYTES_IN_A_TOKEN, output=answered // BYTES_IN_A_TOKEN
    )
