"""Lines that agents wrote: in whatever file they come back, they are no source."""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache

from msgspec import Struct

from agentco.kernel.figures import figures_in_sources
from agentco.review.deliverable import split_answer
from agentco.review.figure_windows import (
    ToldWords,
    lines_without,
    window_prints,
    windows_written,
)
from agentco.review.line_words import fingerprint, join_words, undress

MAX_LINE_CHARS = 2000
"""A longer line is taken in pieces, as the tools read files."""
_BULLETS = re.compile(r"(?:[-*+•>|]|#{1,6}|\d{1,9}[.)]|\[[ xX]\])[ ]")
_HIT_PLACE = re.compile(r"([^:\n]+):\d+: ")


class _LinePrints(Struct, frozen=True):
    """The fingerprint of a line however it is dressed, and the one that older states hold."""

    any_dress: str
    as_written: str


def agent_line_prints(answer: str, heard: Iterable[str]) -> tuple[str, ...]:
    """The fingerprints of the lines of an answer that hold a figure and that nobody told it.

    Behind them those of the words around each figure, by which it is known in other lines. `heard`
    are texts of the founder's: who repeats a line of theirs did not write it.
    """
    heard = tuple(heard)
    split = split_answer(answer)
    prints: dict[str, str] = {}
    for text in (split.text, split.notes):
        for line, known_as in zip(_lines(text), _fingerprints(text), strict=True):
            prints[known_as.any_dress] = line
    for text in heard:
        for known_as in _fingerprints(text):
            prints.pop(known_as.any_dress, None)
    told = ToldWords(heard)
    own = [
        one
        for one, line in prints.items()
        if figures_in_sources((line,)) and not told.says(line)
    ]
    if not own:
        return ()
    windows = [
        one for text in (split.text, split.notes) for one in windows_written(text, told)
    ]
    return tuple(dict.fromkeys([*own, *windows]))


def without_agent_lines(
    texts: Iterable[str], find_known: Callable[[Iterable[str]], Collection[str]]
) -> tuple[str, ...]:
    """Texts without what is known of their lines, and of the words around their figures.

    `find_known` gives the known ones of fingerprints.
    """
    whole = tuple(texts)
    windows = [window_prints(text) for text in whole]
    prints = {one for each in windows for one, _ in each}
    for text in whole:
        for one in _fingerprints(text):
            prints |= {one.any_dress, one.as_written}
    known = find_known(prints)
    if not known:
        return whole
    return tuple(
        _without(text, lines_without(text, each, known), known)
        for text, each in zip(whole, windows, strict=True)
    )


def found_lines(hits: str, is_meant: Callable[[str], bool]) -> str:
    """The lines that a search found in the files that are meant: `notes/herd.md:12: It counts`."""
    found: list[str] = []
    for hit in hits.splitlines():
        place = _HIT_PLACE.match(hit)
        if place and is_meant(place[1]):
            found.append(hit[place.end() :])
    return "\n".join(found)


def _without(text: str, touched: Mapping[int, str], known: Collection[str]) -> str:
    """A text without known lines; of those that are touched by known words, what else they say."""
    left: list[str] = []
    prints = iter(_fingerprints(text))
    for number, line in enumerate(text.splitlines()):
        pieces = list(zip(_pieces(line), prints, strict=False))
        strange = [
            piece
            for piece, one in pieces
            if one.any_dress not in known and one.as_written not in known
        ]
        if strange and number in touched:
            strange = [touched[number]]
        left += filter(None, strange) if number in touched else strange
    return "\n".join(left)


def _lines(text: str) -> Iterator[str]:
    for line in text.splitlines():
        yield from _pieces(line)


def _pieces(line: str) -> Iterator[str]:
    for start in range(0, max(len(line), 1), MAX_LINE_CHARS):
        yield line[start : start + MAX_LINE_CHARS]


@lru_cache(maxsize=64)
def _fingerprints(text: str) -> tuple[_LinePrints, ...]:
    """The fingerprints of each line of a text."""
    prints: list[_LinePrints] = []
    for line in _lines(text):
        words = join_words(line)
        prints.append(
            _LinePrints(
                fingerprint(undress(words)), fingerprint(_without_bullets(words))
            )
        )
    return tuple(prints)


def _without_bullets(words: str) -> str:
    bullet = _BULLETS.match(words)
    while bullet:
        words = words[bullet.end() :]
        bullet = _BULLETS.match(words)
    return words
