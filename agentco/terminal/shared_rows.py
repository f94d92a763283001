"""The lines of a screen are shared among its sections: today is never cut by what is late."""

from collections.abc import Iterator, Sequence

LATE, TODAY, SOON, WAITS = range(4)


def share_rows(counts: Sequence[int], rows: int) -> list[int]:
    """How many items of each section are shown in so many lines.

    The first four sections are what is late, due today, due soon, and waits. One of each is
    shown, then what is due today and soon comes whole, then the two others take turns, then
    the rest in their order. A section costs its heading with a blank line, and a line that
    tells of what it leaves out.
    """
    shown = [0] * len(counts)
    for section in wishes(counts):
        shown[section] += 1
        if height(counts, shown) > rows:
            shown[section] -= 1
    return shown


def wishes(counts: Sequence[int]) -> Iterator[int]:
    """Which section wants one more of its items shown, in the order of their claims."""
    left = list(counts)
    first = (TODAY, LATE, SOON, WAITS)
    others = range(len(first), len(counts))
    turns = [
        *first,
        *[TODAY] * counts[TODAY],
        *[SOON] * counts[SOON],
        *(LATE, WAITS) * max(counts[LATE], counts[WAITS]),
        *(section for section in others for _ in range(counts[section])),
    ]
    for section in turns:
        if left[section]:
            left[section] -= 1
            yield section


def height(counts: Sequence[int], shown: Sequence[int]) -> int:
    """How many lines that takes."""
    lines = sum(shown)
    for count, seen in zip(counts, shown, strict=True):
        if seen:
            lines += 2 + (seen < count)
    is_some_hidden = any(c and not s for c, s in zip(counts, shown, strict=True))
    return lines + is_some_hidden
