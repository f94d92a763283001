"""Times of day: `3 pm`, `15:00`, `às 15h` and `quinze horas` are one time."""

import re
from collections.abc import Iterable, Iterator

from agentco.kernel.comparison import plain_letters

_CLOCK = re.compile(
    r"""(?<![\w.,:€$£])(?P<hour>[01]?\d|2[0-4])(?:[ ]?(?:[:.h])(?P<minute>[0-5]\d))?
      (?:[ ]?(?P<noon>am|pm|a\.m\.|p\.m\.|da[ ]manhã|da[ ]tarde|da[ ]noite)
        |[ ]?(?P<mark>h|horas))?
      (?![\w€$£%]|[.,:]\d)""",
    re.VERBOSE,
)
_AHEAD = re.compile(
    r"(?:(?<![^\W_])(?:at|by|until|from|before|after|às|as|das)|[-\u2013])[ ]?\Z"
)
_BARE_BEHIND = re.compile(
    r"[.,;:)!?](?!\d)|\Z|\s*\n|[ ](?:and|e|to|às|on|every|today|tomorrow|instead|when)(?![^\W_])"
)
_NOON = 12 * 60


def clock_times(text: str, *, bare: bool = True) -> Iterator[tuple[int, int, int]]:
    """Where times of day stand in a text, and how many minutes after midnight each is.

    Those that are `bare` have an hour alone: `at 7`.
    """
    plain = plain_letters(text)
    if len(plain) != len(text):
        plain = text.lower()
    for match in _CLOCK.finditer(plain):
        ahead = plain[max(match.start() - 20, 0) : match.start()]
        is_marked = match["minute"] or match["noon"] or match["mark"]
        is_bare = _AHEAD.search(ahead) and _BARE_BEHIND.match(plain, match.end())
        if is_marked or (bare and is_bare):
            minutes = int(match["hour"]) * 60 + int(match["minute"] or 0)
            noon = match["noon"] or ""
            is_late = noon[:1] == "p" or noon.endswith(("tarde", "noite"))
            if is_late and minutes < _NOON:
                minutes += _NOON
            yield match.start(), match.end(), minutes


def times_said(sources: Iterable[str]) -> frozenset[int]:
    """The times of day that sources say."""
    return frozenset(at for one in sources for _, _, at in clock_times(one, bare=False))
