"""Foreign model labels: what a file that asks for some vendor's model gets here (FORMATS section 6)."""

import re
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data


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
_WORDS = package_data.table(__name__, dict[str, tuple[str, ...]])
"""What labels hold: the words of small models, those for whoever calls, and the beginnings of all families."""


def normalised(label: str) -> str:
    """Lower case with hyphens, without remarks in brackets and without a date."""
    text = " ".join(label.split()).strip("'\"`")
    while (shorter := _REMARK.sub("", text)) != text:
        text = shorter
    return _DATE.sub("", re.sub(r"[ ._]+", "-", text.strip().lower()))


def read_label(label: str) -> Label:
    """The tier that a label asks for; heavy is never given to a foreign label."""
    text = normalised(label)
    if text in _WORDS["caller"]:
        return Label(wanted=Wanted.CALLER, known=True)
    words = text.replace("/", "-").split("-")
    wanted = Wanted.LIGHT if set(words).intersection(_WORDS["light"]) else Wanted.MEDIUM
    return Label(
        wanted=wanted, known=any(word.startswith(_WORDS["families"]) for word in words)
    )
