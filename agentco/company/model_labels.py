"""Foreign model labels: what a request for a vendor's model means here (FORMATS section 6)."""

import re
from enum import StrEnum

from msgspec import Struct

from agentco.kernel import package_data


class LabelTier(StrEnum):
    """The tier a label stands for; `caller` takes the one of whoever calls."""

    LIGHT = "light"
    MEDIUM = "medium"
    CALLER = "caller"


class ModelLabel(Struct, frozen=True, kw_only=True):
    """What a label was read as; `known` is false for a family nobody has heard of."""

    wanted: LabelTier
    known: bool


_REMARK = re.compile(r"\s*\([^()]*\)\s*$")
_GAP = re.compile(r"[ ._]+")
_DATE = re.compile(r"-20\d{6}")
_LABEL_WORDS = package_data.load_table(__name__, dict[str, tuple[str, ...]])
"""The words of small models, those for whoever calls, and how the names of families begin."""


def normalise_label(label: str) -> str:
    """Lower case with hyphens, without remarks in brackets and without a date."""
    text = " ".join(label.split()).strip("'\"`")
    without_remark = _REMARK.sub("", text)
    while without_remark != text:
        text = without_remark
        without_remark = _REMARK.sub("", text)
    hyphenated = _GAP.sub("-", text.strip().lower())
    return _DATE.sub("", hyphenated)


def read_label(label: str) -> ModelLabel:
    """The tier that a label asks for; heavy is never given to a foreign label."""
    text = normalise_label(label)
    if text in _LABEL_WORDS["caller"]:
        return ModelLabel(wanted=LabelTier.CALLER, known=True)
    words = text.replace("/", "-").split("-")
    is_light = not set(words).isdisjoint(_LABEL_WORDS["light"])
    return ModelLabel(
        wanted=LabelTier.LIGHT if is_light else LabelTier.MEDIUM,
        known=any(word.startswith(_LABEL_WORDS["families"]) for word in words),
    )
