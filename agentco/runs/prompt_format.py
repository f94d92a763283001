"""A prompt as parts, each with the file it comes from. What is data can pose as nothing else."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from hashlib import sha256
from html import escape

from msgspec import Struct

from agentco.kernel import package_data
from agentco.kernel.errors import WrongUsage
from agentco.runs.model_messages import Message, Role, ToolSpec


class Kind(StrEnum):
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


_BARE = frozenset({Kind.PREAMBLE, Kind.CATALOGUE, Kind.HISTORY})
_OURS = "|".join((*Kind, "skill_content", "available_skills", "available_instructions"))
_TURNS = "draft|reviews|founder|system|user|assistant|human|developer|tool_call|tool_response|think"
_GAP = r"[^\w<>]{0,9}"
# Servers of local models read such marks in a message as its end, and what follows as somebody else's.
_MARKS = r"/?[|\uff5c][^\s<>&]{1,60}>|[^\s<>&|\uff5c]{1,60}[|\uff5c]>|<SYS>|/s>|\w{3,9}_of_turn>|[be]os>"
_ENDS = rf"<(?={_GAP}/{_GAP}(?:{_OURS})\b|{_MARKS})|\[(?=/?INST\])"
_BEGINS = rf"<(?=[^\w\s<>]{{0,9}}(?:{_OURS}|{_TURNS})(?:[\s/<>|-]|$))|<(?={_GAP}/{_GAP}(?:{_TURNS})\b)"
_END, _ANY = (
    re.compile(marks, re.IGNORECASE) for marks in (_ENDS, f"{_ENDS}|{_BEGINS}")
)
_ADVICE = package_data.table(__name__, dict[Kind, str])
"""What to do when a part of a kind is the largest."""


class Part(Struct, frozen=True, kw_only=True):
    """One piece of a prompt; a `stable` one is the same whatever the agent is asked.

    `name` is the id of an agent or skill, and in a history whose turn it was.
    """

    kind: Kind
    text: str
    source: str = ""
    name: str = ""
    stable: bool = False

    @property
    def shown(self) -> str:
        """The part as the model reads it."""
        if self.kind in _BARE:
            return self.text
        tag = "skill_content" if self.kind is Kind.SKILL else self.kind
        said = "".join(
            f' {k}="{escape(v)}"'
            for k, v in (("name", self.name), ("file", self.source))
            if v
        )
        inner = (
            as_data(self.text)
            if self.kind is Kind.FILE
            else _END.sub(_spelt, self.text)
        )
        return f"<{tag}{said}>\n{inner}\n</{tag}>"

    @property
    def tokens(self) -> int:
        """About how many tokens it is, more rather than fewer."""
        return tokens(self.shown)


def tokens(text: str) -> int:
    """Two bytes a token, rounded up: more than any tokenizer makes of prose (DESIGN section 7)."""
    return (len(text.encode("utf-8", "replace")) + 1) // 2


def as_data(text: str) -> str:
    """The text, so that none of our tags and no turn of a chat begins or ends in it (FAULTS 68)."""
    return _ANY.sub(_spelt, text)


def _spelt(mark: re.Match[str]) -> str:
    return "&lt;" if mark[0] == "<" else "&#91;"


def messages(parts: Sequence[Part]) -> tuple[Message, ...]:
    """What is sent: the stable parts as the first message, earlier turns, then everything else."""
    stable = "\n\n".join(p.shown for p in parts if p.stable)
    said = (
        Message(role=Role(p.name), text=p.text) for p in parts if p.kind is Kind.HISTORY
    )
    rest = "\n\n".join(
        p.shown for p in parts if not p.stable and p.kind is not Kind.HISTORY
    )
    return (
        Message(role=Role.SYSTEM, text=stable),
        *said,
        Message(role=Role.USER, text=rest),
    )


def too_large(
    parts: Iterable[Part], tools: Iterable[ToolSpec], room: int, answer: int
) -> WrongUsage | None:
    """Why a prompt and an answer of `answer` tokens do not fit in a model of `room` tokens (FAULTS 25).

    Nothing is ever cut. A value, because another model may take it.
    """
    schemas = "".join(t.name + t.description + t.parameters for t in tools)
    told = Part(kind=Kind.CATALOGUE, source="the tools", text=schemas)
    largest = sorted((*parts, told), key=lambda part: part.tokens, reverse=True)
    prompt = sum(part.tokens for part in largest)
    if prompt + answer <= room:
        return None
    named = ", ".join(
        f"{part.source or part.kind} ({part.tokens:,})" for part in largest[:3]
    )
    what = f"the prompt has about {prompt:,} tokens and the answer up to {answer:,}, the model takes {room:,}"
    hint = (
        _ADVICE.get(largest[0].kind, "move detail into skills")
        + ", or ask a model that takes more"
    )
    return WrongUsage(f"{what}; largest are {named}", hint=hint)


def files_used(parts: Iterable[Part]) -> dict[str, str]:
    """The hash of what each file gave; a file edited later changes nothing of a run (FAULTS 11)."""
    return {
        p.source: sha256(p.text.encode("utf-8", "replace")).hexdigest()
        for p in parts
        if p.source
    }
