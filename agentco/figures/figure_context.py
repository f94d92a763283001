"""What the words around a figure say of it: that it counts people, or is only asked for."""

import re

from agentco.kernel import package_data
from agentco.kernel.comparison import any_of, plain_letters
from agentco.kernel.figures import COUNTED, FigurePlace

_TABLE = package_data.load_table(__name__, dict[str, tuple[str, ...]])
_ANY = {kind: any_of(words) for kind, words in _TABLE.items()}
_NEAR = 60
_LONGEST_QUESTION = 300
_YEARS = range(1900, 2200)


_COUNTED_BEHIND = re.compile(
    rf"[ ](?:[a-z-]+[ ]){{0,1}}?(?:{_ANY['counted']})(?![^\W_])"
)
_COUNTED_AHEAD = re.compile(rf"(?<![^\W_])(?:{_ANY['groups']})[ ](?:of|de)[ ]\Z")
_ASKED = re.compile(
    rf"(?:[^.!?\n]*[,:][ ])?(?:{_ANY['asked']})(?![^\W_])[^.!?\n]*[:\u2013\u2014,]"
)
_END = re.compile(r"[.!?](?=\s|\Z)|\n")
_OURS = re.compile(rf"(?<![^\W_])(?:{_ANY['ours']})(?![^\W_])")
_EVERYDAY = re.compile(rf"[ -](?:[a-z-]+[ ]){{0,1}}?(?:{_ANY['everyday']})(?![^\W_])")
_COURTESY = re.compile(rf"(?<![^\W_])(?:{_ANY['courtesy']})[ :]+\Z")
_READING = re.compile(r"[ -](?:minute |min )?(?:read|leitura)(?![^\W_])")
_IMAGINED = re.compile(rf"(?<![^\W_])(?:{_ANY['imagined']})(?![^\W_])[^.!?;\n]*\Z")
_IF = re.compile(
    rf"""(?<![^\W_])(?:{_ANY["conditions"]})(?![^\W_])
      (?=[^.!?;,\n]*(?<![^\W_])(?:{_ANY["readers"]})(?![^\W_]))[^.!?;,\n]*\Z""",
    re.VERBOSE,
)
_ASKING = re.compile(
    rf"(?:[^.!?\n]*[,:][ ])?(?:and |but |so |e |mas )?(?:{_ANY['asking']})(?![^\W_])"
)
_SMALL = 12


def is_everyday(text: str, place: FigurePlace) -> bool:
    """Whether a small figure counts what nobody checks: `5 reasons`, or asks for `five minutes`."""
    behind = plain_letters(text[place.end : place.end + _NEAR])
    ahead = plain_letters(text[max(place.start - _NEAR, 0) : place.start])
    number, _, unit = place.figure.partition(" ")
    if unit in {"s", "min", "h"}:
        return bool(_COURTESY.search(ahead) or _READING.match(behind))
    is_small = number.isdigit() and int(number[:9]) <= _SMALL and not unit
    return is_small and bool(_EVERYDAY.match(behind))


def is_imagined(text: str, place: FigurePlace) -> bool:
    """Whether a figure is of the reader's case or a made up one: `if you have 10 invoices`."""
    first = max(place.start - _LONGEST_QUESTION, 0)
    ahead = plain_letters(text[first : place.start])
    sentence = re.split(r"[.!?](?=\s)|\n", ahead)[-1]
    if _OURS.search(sentence):
        return False
    return bool(_IMAGINED.search(sentence) or _IF.search(sentence))


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
    behind = plain_letters(text[place.end : end.start()])
    if _OURS.search(ahead):
        return False
    is_put = _ASKING.match(ahead) and not _OURS.search(behind)
    return bool(_ASKED.match(ahead) or is_put)
