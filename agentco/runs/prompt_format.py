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
_CHAT_TAGS = "draft|reviews|founder|system|user|assistant|human|developer|tool_call|tool_response|think"
_GAP = r"[^\w<>]{0,9}"
# Servers of local models read such marks in a message as its end, and what follows as somebody else's.
_MARKS = r"/?[|\uff5c][^\s<>&]{1,60}>|[^\s<>&|\uff5c]{1,60}[|\uff5c]>|<SYS>|/s>|\w{3,9}_of_turn>|[be]os>"
_ENDS = rf"<(?={_GAP}/{_GAP}(?:{_OUR_TAGS})\b|{_MARKS})|\[(?=/?INST\])"
_BEGINS = rf"<(?=[^\w\s<>]{{0,9}}(?:{_OUR_TAGS}|{_CHAT_TAGS})(?:[\s/<>|-]|$))|<(?={_GAP}/{_GAP}(?:{_CHAT_TAGS})\b)"
_CLOSING_MARK, _ANY_MARK = (
    re.compile(marks, re.IGNORECASE) for marks in (_ENDS, f"{_ENDS}|{_BEGINS}")
)
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
        said = "".join(
            f' {k}="{escape(v)}"'
            for k, v in (("name", self.name), ("file", self.source))
            if v
        )
        inner = (
            escape_tags(self.text)
            if self.kind is PartKind.FILE
            else _CLOSING_MARK.sub(_escape_mark, self.text)
        )
        return f"<{tag}{said}>\n{inner}\n</{tag}>"

    @property
    def token_count(self) -> int:
        """About how many tokens it is, more rather than fewer."""
        return count_tokens(self.prompt_text)


def escape_tags(text: str) -> str:
    """The text, so that none of our tags and no turn of a chat begins or ends in it (FAULTS 68)."""
    return _ANY_MARK.sub(_escape_mark, text)


def _escape_mark(mark: re.Match[str]) -> str:
    return "&lt;" if mark[0] == "<" else "&#91;"


def build_messages(parts: Sequence[PromptPart]) -> tuple[ChatMessage, ...]:
    """What is sent: the stable parts as the first message, earlier turns, then everything else."""
    stable = "\n\n".join(p.prompt_text for p in parts if p.stable)
    said = (
        ChatMessage(role=MessageRole(p.name), text=p.text)
        for p in parts
        if p.kind is PartKind.HISTORY
    )
    rest = "\n\n".join(
        p.prompt_text for p in parts if not p.stable and p.kind is not PartKind.HISTORY
    )
    return (
        ChatMessage(role=MessageRole.SYSTEM, text=stable),
        *said,
        ChatMessage(role=MessageRole.USER, text=rest),
    )


def why_too_large(
    parts: Iterable[PromptPart], tools: Iterable[ToolSpec], room: int, answer: int
) -> WrongUsage | None:
    """Why a prompt and an answer of `answer` tokens do not fit in a model of `room` tokens (FAULTS 25).

    Nothing is ever cut. A value, because another model may take it.
    """
    schemas = "".join(t.name + t.description + t.parameters for t in tools)
    told = PromptPart(kind=PartKind.CATALOGUE, source="the tools", text=schemas)
    largest = sorted((*parts, told), key=lambda part: part.token_count, reverse=True)
    prompt = sum(part.token_count for part in largest)
    if prompt + answer <= room:
        return None
    named = ", ".join(
        f"{part.source or part.kind} ({part.token_count:,})" for part in largest[:3]
    )
    what = f"the prompt has about {prompt:,} tokens and the answer up to {answer:,}, the model takes {room:,}"
    hint = (
        _SIZE_ADVICE.get(largest[0].kind, "move detail into skills")
        + ", or ask a model that takes more"
    )
    return WrongUsage(f"{what}; largest are {named}", hint=hint)


def file_hashes(parts: Iterable[PromptPart]) -> dict[str, str]:
    """The hash of what each file gave; a file edited later changes nothing of a run (FAULTS 11)."""
    return {
        p.source: sha256(p.text.encode("utf-8", "replace")).hexdigest()
        for p in parts
        if p.source
    }
