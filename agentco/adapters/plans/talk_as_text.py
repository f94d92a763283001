"""A whole talk as the one text that a program takes.

A turn begins at a line that holds a mark, made of the talk itself: no text can hold a mark that
depends on every word of it, so nobody can write a turn of another.
"""

from collections.abc import Iterable, Iterator
from hashlib import sha256

from agentco.runs.model_messages import ChatMessage, MessageRole, ModelRequest

MARK_DIGITS = 12
_SPEAKERS = {MessageRole.USER: "user", MessageRole.ASSISTANT: "you"}
_INTRODUCTION = """\
What was said so far follows, oldest first. Each turn begins at a line that starts with {mark} and \
says whose it is; other lines never begin one. Go on with your next turn: its text, or calls of \
your tools, without such a line."""
_MUST_CALL = "Answer with one call of the tool {tool}, and nothing else."


def system_text(request: ModelRequest) -> str:
    """What the system says, in one text."""
    return "\n\n".join(_texts_of(request, MessageRole.SYSTEM))


def talk_text(request: ModelRequest) -> str:
    """What everybody else said; the user's first words alone stand as they are."""
    turns = [each for each in request.messages if each.role is not MessageRole.SYSTEM]
    if all(turn.role is MessageRole.USER for turn in turns):
        parts = [turn.text for turn in turns]
    else:
        parts = _marked_turns(turns)
    if request.must:
        parts.append(_MUST_CALL.format(tool=request.must))
    return "\n\n".join(parts)


def _texts_of(request: ModelRequest, role: MessageRole) -> Iterator[str]:
    for message in request.messages:
        if message.role is role and message.text.strip():
            yield message.text


def _marked_turns(turns: Iterable[ChatMessage]) -> list[str]:
    parts = [part for turn in turns for part in _turn_parts(turn)]
    digest = sha256("\0".join(map("\0".join, parts)).encode("utf-8", "replace"))
    mark = f"### {digest.hexdigest()[:MARK_DIGITS]}"
    marked = [f"{mark} {heading}\n{text}" for heading, text in parts]
    return [_INTRODUCTION.format(mark=mark), *marked, f"{mark} you"]


def _turn_parts(turn: ChatMessage) -> Iterator[tuple[str, str]]:
    """The heading and the text of each part of a turn."""
    if turn.role is MessageRole.TOOL:
        yield f"result of {turn.call}", turn.text
        return
    if turn.text.strip():
        yield _SPEAKERS[turn.role], turn.text
    for call in turn.calls:
        yield f"you called {call.name} as {call.id}", call.arguments
