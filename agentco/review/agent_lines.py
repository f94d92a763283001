"""Lines that agents wrote: in whatever file they come back, they are no source."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator
from functools import lru_cache
from hashlib import sha256
from html import unescape

from agentco.kernel.figures import figures_in_sources
from agentco.review.deliverable import split_answer

MAX_LINE_CHARS = 2000
"""A longer line is taken in pieces, as the tools read files."""
_FINGERPRINT_DIGITS = 16
_BULLETS = re.compile(r"(?:[-*+•>|]|#{1,6}|\d{1,9}[.)]|\[[ xX]\])[ ]")
_HIT_PLACE = re.compile(r"([^:\n]+):\d+: ")


def agent_line_prints(answer: str, heard: Iterable[str]) -> tuple[str, ...]:
    """The fingerprints of the lines of an answer that hold a figure and that nobody told it.

    `heard` are texts of the founder's: who repeats a line of theirs did not write it.
    """
    split = split_answer(answer)
    prints: dict[str, str] = {}
    for text in (split.text, split.notes):
        prints.update(zip(_fingerprints(text), _lines(text), strict=True))
    for text in heard:
        for fingerprint in _fingerprints(text):
            prints.pop(fingerprint, None)
    own: list[str] = []
    for fingerprint, line in prints.items():
        if figures_in_sources((line,)):
            own.append(fingerprint)
    return tuple(own)


def without_agent_lines(
    texts: Iterable[str], find_known: Callable[[Iterable[str]], Collection[str]]
) -> tuple[str, ...]:
    """Texts without the lines that are known; `find_known` gives the known ones of fingerprints."""
    whole = tuple(texts)
    prints: set[str] = set()
    for text in whole:
        prints.update(_fingerprints(text))
    known = find_known(prints)
    if not known:
        return whole
    return tuple(_without(text, known) for text in whole)


def found_lines(hits: str, is_meant: Callable[[str], bool]) -> str:
    """The lines that a search found in the files that are meant: `notes/herd.md:12: It counts`."""
    found: list[str] = []
    for hit in hits.splitlines():
        place = _HIT_PLACE.match(hit)
        if place and is_meant(place[1]):
            found.append(hit[place.end() :])
    return "\n".join(found)


def _without(text: str, known: Collection[str]) -> str:
    lines = zip(_lines(text), _fingerprints(text), strict=True)
    return "\n".join(line for line, fingerprint in lines if fingerprint not in known)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        for start in range(0, max(len(line), 1), MAX_LINE_CHARS):
            yield line[start : start + MAX_LINE_CHARS]


@lru_cache(maxsize=64)
def _fingerprints(text: str) -> tuple[str, ...]:
    """The fingerprint of each line of a text: of its words, without its bullets."""
    return tuple(map(_fingerprint, _lines(text)))


def _fingerprint(line: str) -> str:
    plain = line
    if "&" in plain:
        plain = unescape(plain)
    words = " ".join(plain.split())
    bullet = _BULLETS.match(words)
    while bullet:
        words = words[bullet.end() :]
        bullet = _BULLETS.match(words)
    data = words.encode("utf-8", "replace")
    return sha256(data).hexdigest()[:_FINGERPRINT_DIGITS]
