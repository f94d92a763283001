"""What a line says, however it is dressed: in small letters, without marks, cells as one."""

import re
from functools import lru_cache
from hashlib import sha256
from html import unescape

from agentco.kernel.comparison import draw_letters
from agentco.page.drawing import draw_text

_FINGERPRINT_DIGITS = 16
_NEEDS_DRAWING = re.compile(r"<[a-z/!]|[\[\\]", re.IGNORECASE)
_DIGITS = re.compile(r"(?<!\S)[^\s\d]*+\d\S*+")
_QUOTES = "\"'\u201c\u201d\u201e\u2018\u2019\u00ab\u00bb"
_ITEM_MARKS = re.compile(
    rf"(?:[ >{_QUOTES}]|[-+\u2022\u2013\u2014\u25aa\u25e6][ ]|#{{1,6}}[ ]"
    r"|\(?\d{1,9}[.)][ ]|\[[ x]\][ ])++"
)
# between digits a star multiplies, and one tilde says "about"
_TEXT_MARKS = re.compile(r"[*_]{2,}|(?<!\d)[*_]|[*_](?!\d)|~~+")
_END_MARKS = f" .,;:!#{_QUOTES}"


def join_words(line: str) -> str:
    """A line with its entities read, and one blank where it has any."""
    plain = unescape(line) if "&" in line else line
    return " ".join(plain.split())


@lru_cache(maxsize=4096)
def undress(words: str) -> str:
    """What joined words say: in small letters, without their marks, the cells of a row as one."""
    words = words.replace("`", "")
    if _NEEDS_DRAWING.search(words):
        drawing = draw_text(words)
        figures = _DIGITS.findall(drawing.code)
        words = " ".join((drawing.shown, drawing.hidden, *figures))
    said = _TEXT_MARKS.sub("", draw_letters(words).replace("|", " "))
    said = " ".join(said.split())
    marks = _ITEM_MARKS.match(said)
    if marks:
        said = said[marks.end() :]
    return said.rstrip(_END_MARKS)


def fingerprint(words: str) -> str:
    """64 bits by which words are known again."""
    data = words.encode("utf-8", "replace")
    return sha256(data).hexdigest()[:_FINGERPRINT_DIGITS]
