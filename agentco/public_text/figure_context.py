"""What the words around a figure say of it: that it counts people, or is only asked for."""

import re

from agentco.kernel import package_data
from agentco.kernel.comparison import plain_letters
from agentco.kernel.figures import COUNTED, FigurePlace

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_NEAR = 60
_LONGEST_QUESTION = 300
_YEARS = range(1900, 2200)


def _any_of(kind: str) -> str:
    return "|".join(map(re.escape, map(plain_letters, _TABLE[kind])))


_COUNTED_BEHIND = re.compile(
    rf"[ ](?:[a-z-]+[ ]){{0,1}}?(?:{_any_of('counted')})(?![^\W_])"
)
_COUNTED_AHEAD = re.compile(rf"(?<![^\W_])(?:{_any_of('groups')})[ ](?:of|de)[ ]\Z")
_ASKED = re.compile(
    rf"(?:[^.!?\n]*[,:][ ])?(?:{_any_of('asked')})(?![^\W_])[^.!?\n]*[:\u2013\u2014,]"
)
_END = re.compile(r"[.!?](?=\s|\Z)|\n")
_OURS = re.compile(rf"(?<![^\W_])(?:{_any_of('ours')})(?![^\W_])")


def counted_key(text: str, place: FigurePlace) -> str:
    """The figure of a place; one that counts people or things says so at its end."""
    figure = place.figure
    if not figure.isdigit() or int(figure[:9]) in _YEARS:
        return figure
    behind = plain_letters(text[place.end : place.end + _NEAR])
    ahead = plain_letters(text[max(place.start - _NEAR, 0) : place.start])
    counts = _COUNTED_BEHIND.match(behind) or _COUNTED_AHEAD.search(ahead)
    return f"{figure}{COUNTED}" if counts else figure


def is_asked(text: str, place: FigurePlace) -> bool:
    """Whether a figure is one of the answers of a question, as in `how long: one hour, two?`."""
    first = max(place.start - _LONGEST_QUESTION, 0)
    ends = [end.end() for end in _END.finditer(text, first, place.start)]
    start = max(ends, default=first)
    end = _END.search(text, place.end, place.end + _LONGEST_QUESTION)
    if end is None or end[0] != "?":
        return False
    ahead = plain_letters(text[start : place.start]).lstrip(" *#>")
    return bool(_ASKED.match(ahead)) and not _OURS.search(ahead)
