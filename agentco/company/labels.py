"""Foreign model labels: what a file that asks for some vendor's model gets here (FORMATS section 6)."""

import re
from enum import StrEnum

from msgspec import Struct


class Wanted(StrEnum):
    """The tier a label stands for; `caller` takes the one of whoever calls."""

    LIGHT = "light"
    MEDIUM = "medium"
    CALLER = "caller"


class Label(Struct, frozen=True, kw_only=True):
    """What a label was read as; `known` is false for a family nobody has heard of."""

    wanted: Wanted
    known: bool


_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_DATE = re.compile(r"-20\d{6}")
_LIGHT = frozenset({"haiku", "mini", "nano", "flash", "fast", "lite"})
_CALLER = frozenset({"", "inherit", "auto"})
_FAMILY_NAMES = (
    "claude sonnet opus haiku gpt codex o1 o3 o4 gemini gemma grok raptor mai llama qwen mistral deepseek "
    "kimi phi command nova glm"
)
_FAMILIES = tuple(_FAMILY_NAMES.split())


def normalised(label: str) -> str:
    """Lower case with hyphens, without remarks in brackets and without a date."""
    text = " ".join(label.split()).strip("'\"`")
    while (shorter := _REMARK.sub("", text)) != text:
        text = shorter
    return _DATE.sub("", re.sub(r"[ ._]+", "-", text.strip().lower()))


def read_label(label: str) -> Label:
    """The tier that a label asks for; heavy is never given to a foreign label."""
    text = normalised(label)
    if text in _CALLER:
        return Label(wanted=Wanted.CALLER, known=True)
    words = text.replace("/", "-").split("-")
    wanted = Wanted.LIGHT if _LIGHT.intersection(words) else Wanted.MEDIUM
    return Label(wanted=wanted, known=any(word.startswith(_FAMILIES) for word in words))
