"""Where an answer that was cut goes on: what its next piece says again is left out.

A piece may begin at the very character at which the last one stopped, or say its last words, the
word that was cut in half, its last line, or a tag or fence once more. What repeats itself, as a row
of a table does, is no sign of that and stays.
"""

import re

WINDOW = 400
"""Characters at the start of a piece among which is looked for what it says again."""
ANCHOR = 60
"""Characters of the end that a model is asked to begin with."""
_LEAST_ANYWHERE = 16
_LEAST_WORDS = 8
_LEAST_LINE = 4
_LEAST_HALF_WORD = 3
_LAST_WORD = re.compile(r"(?<!\w)[^\W\d_]{2,}\Z")
_FIRST_WORD = re.compile(r"[^\W\d_]+")
_FENCE = re.compile(r"^[ \t]{0,3}(`{3,}+|~{3,}+)[ \t]*+([^\n`]*+)$", re.MULTILINE)
_TAG = re.compile(r"\s*<deliverable>[ \t]*\n?")


def join_pieces(said: str, more: str) -> str:
    """An answer so far with its next piece."""
    return said + more[repeated_length(said, more) :]


def last_words(said: str) -> str:
    """The end of an answer, from the beginning of a word, as a model can find it."""
    end = said.rstrip()[-ANCHOR:].rpartition("\n")[2]
    _, blank, words = end.partition(" ")
    return words if blank and words and len(end) == ANCHOR else end


def repeated_length(said: str, more: str) -> int:
    """How many characters at the start of a piece only say again how the answer so far ends."""
    start = more[:WINDOW]
    opened = _reopened(said, start)
    if opened:
        return opened
    rest = start.lstrip()
    skipped = len(start) - len(rest)
    for skip in dict.fromkeys((0, skipped)):
        for end in dict.fromkeys((said, said.rstrip())):
            length = _overlap(end, start[skip:])
            if length:
                blanks = said[len(end) :]
                behind = start[skip + length :]
                # blanks that ended the last piece stand there already
                again = len(blanks) if blanks and behind.startswith(blanks) else 0
                return skip + length + again
    return _restarted_word(said, start)


def _reopened(said: str, start: str) -> int:
    """The length of a tag or a fence that is open already, and opened once more."""
    tag = _TAG.match(start)
    if tag and said.count("<deliverable>") > said.count("</deliverable>"):
        return tag.end()
    opening = open_fence(said)
    fence = _FENCE.match(start.lstrip("\n"))
    if opening and fence and fence[2].strip() and fence[0].strip() == opening:
        end = start.find("\n", len(start) - len(start.lstrip("\n")))
        return end + 1 if end >= 0 and said.endswith("\n") else 0
    return 0


def open_fence(text: str) -> str:
    """The line that opened a fenced block which is still open at the end; else empty."""
    opening = ""
    for mark in _FENCE.finditer(text):
        if not opening:
            opening = mark[0].strip()
        elif mark[1].startswith(opening[:3]) and not mark[2].strip():
            opening = ""
    return opening


def _overlap(said: str, start: str) -> int:
    """The length of the longest end of a text that a piece begins with, if it is no accident."""
    for length in range(min(len(said), len(start)), 1, -1):
        if said.endswith(start[:length]) and _is_told(said, start[:length]):
            return length
    return 0


def _is_told(said: str, again: str) -> bool:
    """Whether a text that ends so, and goes on so, was repeated: it does not repeat itself."""
    words = again.split()
    if _is_periodic(again) or not re.search(r"\w", again):
        return False
    before = said[: len(said) - len(again)]
    begins_word = not before or not (before[-1].isalnum() and again[0].isalnum())
    if len(again) >= _LEAST_ANYWHERE:
        return True
    if len(words) > 1 and begins_word and len(again) >= _LEAST_WORDS:
        return True
    is_line = not before or before.endswith("\n")
    return is_line and len(words) > 1 and len(again) >= _LEAST_LINE


def _is_periodic(text: str) -> bool:
    """Whether a text is made of the same part, at least twice."""
    border = [0] * len(text)
    for i in range(1, len(text)):
        length = border[i - 1]
        while length and text[i] != text[length]:
            length = border[length - 1]
        border[i] = length + (text[i] == text[length])
    return bool(text) and border[-1] * 2 >= len(text)


def _restarted_word(said: str, start: str) -> int:
    """The length of a last word, or of its half, with which a piece begins once more."""
    last = _LAST_WORD.search(said)
    first = _FIRST_WORD.match(start)
    if not last or not first or not first[0].startswith(last[0]):
        return 0
    is_whole = first[0] == last[0] and start[first.end() : first.end() + 1].isspace()
    is_half = len(last[0]) >= _LEAST_HALF_WORD and first[0] != last[0]
    return len(last[0]) if is_whole or is_half else 0


class SeamFilter:
    """A piece as it is heard: what it says again is held back, the rest goes on."""

    def __init__(self, said: str) -> None:
        self._said = said
        self._held = ""
        self._is_through = not said

    def feed(self, text: str) -> str:
        """What of a piece can be told, now that so much more of it came."""
        if self._is_through:
            return text
        self._held += text
        return self.rest() if len(self._held) >= WINDOW else ""

    def rest(self) -> str:
        """What was still held back: nothing more comes that could change it."""
        held, self._held = self._held, ""
        if self._is_through:
            return held
        self._is_through = True
        return held[repeated_length(self._said, held) :]
