"""The one form in which words are compared: no case, accents, width, entities or look-alikes.

What is compared this way: names, types and keys in the memory, triggers, claims, products.
"""

import re
import unicodedata
from collections.abc import Iterable
from functools import lru_cache

from agentco.kernel import names, package_data
from agentco.kernel.characters import IGNORABLE, INVISIBLE
from agentco.kernel.lookalikes import LATIN_LETTERS

LOOKALIKES = LATIN_LETTERS | str.maketrans(
    package_data.load_table(__name__, dict[str, str])
)
"""Letters beyond `names.skeleton`, by the Latin ones they are drawn like."""
ENTITY = re.compile(
    r"&(?:\#(?:[0-9]{1,9}|[xX][0-9a-fA-F]{1,8});?|[A-Za-z][A-Za-z0-9]{1,31};?)"
)
"""An entity as a browser takes it, also without its semicolon."""
_COMBINING = "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff\ufe20-\ufe2f]"
_UNSEEN = re.compile(f"{INVISIBLE.pattern}|{IGNORABLE.pattern}|{_COMBINING}")
_MARKS_OF_LETTERS = frozenset({1, *range(10, 37), *range(200, 241)})
"""Combining classes of what is drawn around a letter and is no letter itself."""


class _FoldedCharacters(dict[int, str]):
    """Small letters without marks by code point; empty for what is not seen."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code))
        seen = filter(_is_seen, _UNSEEN.sub("", decomposed))
        self[code] = folded = "".join(seen).casefold()
        return folded


def _is_seen(sign: str) -> bool:
    """Whether a sign is more than a mark around a letter."""
    return unicodedata.combining(sign) not in _MARKS_OF_LETTERS


FOLDED_CHARACTERS = _FoldedCharacters()
"""For `str.translate`; one character may become none or several."""


class _DrawnCharacters(dict[int, str]):
    """The small Latin letters that each character is drawn like, by code point."""

    def __missing__(self, code: int) -> str:
        drawn = LOOKALIKES.get(code)
        if drawn is None:
            drawn = FOLDED_CHARACTERS[code].translate(LOOKALIKES)
        self[code] = drawn
        return drawn


DRAWN_CHARACTERS = _DrawnCharacters()
"""For `str.translate`, as `FOLDED_CHARACTERS`."""


def unescape_entities(text: str) -> str:
    """The text with HTML entities replaced; it keeps its lines."""
    if "&" not in text:
        return text
    from html import unescape  # late: its table is large, and hardly any text needs it

    return ENTITY.sub(lambda entity: unescape(entity[0]).replace("\n", " "), text)


def fold_letters(text: str) -> str:
    """The text in small letters without accents, width or invisible characters."""
    if text.isascii():
        return text.lower()
    return text.translate(FOLDED_CHARACTERS)


def draw_letters(text: str) -> str:
    """The same, with the Latin letters for what looks like them."""
    if text.isascii():
        return text.lower()
    return text.translate(DRAWN_CHARACTERS)


def plain_letters(text: str) -> str:
    """The text in small letters of one width; accents stay."""
    visible = INVISIBLE.sub("", text)
    return unicodedata.normalize("NFKC", visible).casefold()


def any_of(words: Iterable[str]) -> str:
    """A pattern for any of the words in plain letters, the longest first."""
    plain = sorted(map(plain_letters, words), key=len, reverse=True)
    return "|".join(map(re.escape, plain))


@lru_cache(maxsize=1024)
def fold_lookalikes(text: str) -> str:
    """A name or phrase in the Latin letters it is drawn like."""
    return names.skeleton(draw_letters(unescape_entities(text)))


@lru_cache(maxsize=1024)
def comparison_key(name: str) -> str:
    """A name as letters and digits with single hyphens between: equal for names that look alike."""
    return names.slug(fold_lookalikes(name))
