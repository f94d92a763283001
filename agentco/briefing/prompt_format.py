"""A prompt as parts, each with the file it comes from. What is data can pose as nothing else."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from html import escape

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.errors import WrongUsage
from agentco.kernel.token_estimate import count_tokens
from agentco.runs.model_messages import ChatMessage, MessageRole, ToolSpec


class PartKind(StrEnum):
    """What a part is, in the order in which parts are said."""

    PREAMBLE = "preamble"
    CONSTITUTION = "constitution"
    ALWAYS_ON = "always-on"
    ROLE = "role"
    INSTRUCTIONS = "instructions"
    SKILL = "skill"
    REVIEWS = "who-reviews"
    CATALOGUE = "catalogue"
    HISTORY = "history"
    FILE = "file"
    TODAY = "today"
    TASK = "task"


_UNTAGGED = frozenset({PartKind.PREAMBLE, PartKind.CATALOGUE, PartKind.HISTORY})
_OUR_TAGS = "|".join(
    (*PartKind, "skill_content", "available_skills", "available_instructions")
)
_CHAT_TAGS = (
    "draft|notes|deliverable|reviews|founder|system|user|assistant|human|developer"
    "|tool_call|tool_response|think"
)
_GAP = r"[^\w<>]{0,9}"
# Servers of local models take such a mark for the end of a message and of its speaker.
_MARKS = (
    r"/?[|\uff5c][^\s<>&]{1,60}>|[^\s<>&|\uff5c]{1,60}[|\uff5c]>"
    r"|<SYS>|/s>|\w{3,9}_of_turn>|[be]os>"
)
_ENDS = rf"<(?={_GAP}/{_GAP}(?:{_OUR_TAGS})\b|{_MARKS})|\[(?=/?INST\])"
_BEGINS = (
    rf"<(?=[^\w\s<>]{{0,9}}(?:{_OUR_TAGS}|{_CHAT_TAGS})(?:[\s/<>|-]|$))"
    rf"|<(?={_GAP}/{_GAP}(?:{_CHAT_TAGS})\b)"
)
_CLOSING_MARK = re.compile(_ENDS, re.IGNORECASE)
_ANY_MARK = re.compile(f"{_ENDS}|{_BEGINS}", re.IGNORECASE)
FILE_HEAD_TOKENS = 600
"""Of what is left of a file that is shortened, and of how to see the rest."""
_SIZE_ADVICE = package_data.load_table(__name__, dict[PartKind, str])
"""What to do when a part of a kind is the largest."""


class PromptPart(Struct, frozen=True, kw_only=True):
    """One piece of a prompt; a `stable` one is the same whatever the agent is asked.

    `name` is the id of an agent or skill, and in a history whose turn it was.
    """

    kind: PartKind
    text: str
    source: str = ""
    name: str = ""
    stable: bool = False

    @property
    def prompt_text(self) -> str:
        """The part as the model reads it."""
        if self.kind in _UNTAGGED:
            return self.text
        tag = "skill_content" if self.kind is PartKind.SKILL else self.kind
        start = f"<{tag}"
        if self.name:
            start += f' name="{escape(self.name)}"'
        if self.source:
            start += f' file="{escape(self.source)}"'
        marks = _ANY_MARK if self.kind is PartKind.FILE else _CLOSING_MARK
        return f"{start}>\n{marks.sub(_escape_mark, self.text)}\n</{tag}>"

    @property
    def token_count(self) -> int:
        """About how many tokens it is."""
        return count_tokens(self.prompt_text)

    @property
    def fewest_tokens(self) -> int:
        """About how many tokens are left of it where it is shortened."""
        match self.kind:
            case PartKind.HISTORY:
                return 0
            case PartKind.FILE:
                return min(self.token_count, FILE_HEAD_TOKENS)
            case _:
                return self.token_count


def escape_tags(text: str) -> str:
    """The text, so that none of our tags and no turn of a chat begins or ends in it (FAULTS 68)."""
    return _ANY_MARK.sub(_escape_mark, text)


def _escape_mark(mark: re.Match[str]) -> str:
    return "&lt;" if mark[0] == "<" else "&#91;"


def build_messages(parts: Sequence[PromptPart]) -> tuple[ChatMessage, ...]:
    """What is sent: the stable parts as the first message, earlier turns, then everything else."""
    stable, history, rest = list[str](), list[ChatMessage](), list[str]()
    for part in parts:
        if part.stable:
            stable.append(part.prompt_text)
        elif part.kind is PartKind.HISTORY:
            history.append(ChatMessage(role=MessageRole(part.name), text=part.text))
        else:
            rest.append(part.prompt_text)
    return (
        ChatMessage(role=MessageRole.SYSTEM, text="\n\n".join(stable)),
        *history,
        ChatMessage(role=MessageRole.USER, text="\n\n".join(rest)),
    )


def why_too_large(
    parts: Iterable[PromptPart], tools: Iterable[ToolSpec], room: int, answer: int
) -> WrongUsage | None:
    """Say why a prompt and `answer` tokens exceed `room` tokens; None if they fit (FAULTS 25).

    Of files their heads have to fit, of a history nothing: more is shortened before a call, and
    that is said. A value, because another model may take it.
    """
    schemas = "".join(tool.name + tool.description + tool.parameters for tool in tools)
    tool_part = PromptPart(kind=PartKind.CATALOGUE, source="the tools", text=schemas)
    largest = sorted(
        (*parts, tool_part), key=lambda part: part.token_count, reverse=True
    )
    prompt = sum(part.token_count for part in largest)
    if sum(part.fewest_tokens for part in largest) + answer <= room:
        return None
    sizes = f"the prompt has about {prompt:,} tokens and the answer up to {answer:,}"
    names = list[str]()
    for part in largest[:3]:
        names.append(f"{part.source or part.kind} ({part.token_count:,})")
    advice = _SIZE_ADVICE.get(largest[0].kind, "move detail into skills")
    return WrongUsage(
        f"{sizes}, the model reads {room:,}; the largest parts are {', '.join(names)}",
        hint=f"{advice}, or use a model that reads more",
    )


def file_hashes(parts: Iterable[PromptPart]) -> dict[str, str]:
    """The hash of what each file gave; a file edited later changes nothing of a run (FAULTS 11)."""
    hashes = dict[str, str]()
    for part in parts:
        if part.source:
            text = part.text.encode("utf-8", "replace")
            hashes[part.source] = sha256(text).hexdigest()
    return hashes
