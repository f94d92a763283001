"""The one form in which words are compared: no case, accents, width, entities or look-alikes.

What is compared this way: names, types and keys in the memory, triggers, claims, products.
"""

import re
import unicodedata
from functools import lru_cache

from agentco.kernel import names, package_data
from agentco.kernel.characters import INVISIBLE

LOOKALIKES = str.maketrans(package_data.load_table(__name__, dict[str, str]))
"""Letters beyond `names.skeleton`, by the Latin ones they are drawn like; fillers are invisible."""
_ENTITY = re.compile(r"&#?\w{1,31};")
_COMBINING = (
    "[\u0300-\u036f\u1ab0-\u1aff\u1dc0-\u1dff"
    "\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
_UNSEEN = re.compile(f"{INVISIBLE.pattern}|{_COMBINING}")


class _FoldedCharacters(dict[int, str]):
    """Small letters without marks by code point; empty for what is not seen."""

    def __missing__(self, code: int) -> str:
        decomposed = unicodedata.normalize("NFKD", chr(code))
        self[code] = folded = _UNSEEN.sub("", decomposed).casefold()
        return folded


FOLDED_CHARACTERS = _FoldedCharacters()
"""For `str.translate`; one character may become none or several."""


def unescape_entities(text: str) -> str:
    """The text with HTML entities replaced; it keeps its lines."""
    if "&" not in text:
        return text
    from html import unescape  # late: its table is large, and hardly any text needs it

    return _ENTITY.sub(lambda entity: unescape(entity[0]).replace("\n", " "), text)


def fold_letters(text: str) -> str:
    """The text in small letters without accents, width or invisible characters."""
    if text.isascii():
        return text.lower()
    return text.translate(FOLDED_CHARACTERS)


def plain_letters(text: str) -> str:
    """The text in small letters of one width; accents stay."""
    visible = INVISIBLE.sub("", text)
    return unicodedata.normalize("NFKC", visible).casefold()


@lru_cache(maxsize=1024)
def fold_lookalikes(text: str) -> str:
    """A name or phrase in the Latin letters it is drawn like."""
    latin = unescape_entities(text.translate(LOOKALIKES))
    return names.skeleton(fold_letters(latin))


@lru_cache(maxsize=1024)
def comparison_key(name: str) -> str:
    """A name as letters and digits with single hyphens between: equal for names that look alike."""
    return names.slug(fold_lookalikes(name))
