"""Where the figures of a text come from: the words that count as sources, and the memory where it is no agent's."""

import re
from collections.abc import Collection, Iterator
from datetime import date

from msgspec import Struct

from agentco.kernel.dates import EARLIEST, LATEST
from agentco.memory.ages import known_on
from agentco.memory.graph import merged, moment
from agentco.memory.lines import EntityLine, Trust, untrusted
from agentco.review.findings import Finding, Rule
from agentco.review.grounding import held, places
from agentco.review.rendered_text import Page
from agentco.review.standards import Standards

AGENTS_WORDS = frozenset({"lesson", "standup", "trend-scan"})
"""Types that the runtime writes down in agents' words."""
_MARKER = re.compile(r"^[ \t>]*(\d{1,9})[.)](?=\s)", re.MULTILINE)
MANY = 200
_SEPARATOR = "[ .,'\u00a0\u202f\u2009]?"


class Backing(Struct, frozen=True, kw_only=True):
    """An entity whose fact says a figure; a fact that is older than `limit` days no longer backs it."""

    name: str
    age: int
    limit: int

    @property
    def stale(self) -> bool:
        """Whether the fact must be looked up again."""
        return self.age > self.limit

    @property
    def worth(self) -> tuple[bool, int]:
        """By what one backing is better than another."""
        return not self.stale, -self.age


def unsourced(page: Page, against: Standards) -> Iterator[Finding]:
    """Every figure that no source says, or only a fact that is too old."""
    found, markers = [*places(page.text)], _markers(page.text)
    missing = {f.figure for f in found} - held(
        (*against.words, against.today.isoformat())
    )
    known = remembered(missing, against) if missing else {}
    for place in found:
        backing = known.get(place.figure)
        if (
            place.figure not in missing
            or place.start in markers
            or (backing and not backing.stale)
        ):
            continue
        rule, hint = (
            Rule.GROUNDING,
            "no source says it: have it read from a file or memory, or leave it out",
        )
        if backing:
            rule, old = (
                Rule.FRESHNESS,
                f"{backing.name} says it, {backing.age} days ago ({backing.limit} allowed)",
            )
            hint = f"{old}: look it up again, or leave it out"
        yield page.finding(rule, place.start, place.end, hint)


def _markers(text: str) -> frozenset[int]:
    """Where the numbers of ordered lists stand; one that counts on from nothing is a figure."""
    found, last = set[int](), 0
    for marker in _MARKER.finditer(text):
        number = int(marker[1])
        if number in {1, last, last + 1}:
            found.add(marker.start(1))
            last = number
    return frozenset(found)


def remembered(wanted: Collection[str], against: Standards) -> dict[str, Backing]:
    """For each figure that the memory says, the freshest fact that does; only what may hold one is read."""
    best, missing = dict[str, Backing](), {*wanted}
    tried, may_hold = len(missing), _any_of(missing)
    for name in against.graph.names:
        near = [
            x
            for x in against.graph.said(name)
            if counts(x) and may_hold.search("\n".join(x.observations))
        ]
        for figure, backing in _backed(name, near, against) if near else ():
            if figure in missing and (
                figure not in best or best[figure].worth < backing.worth
            ):
                best[figure] = backing
                missing -= set() if backing.stale else {figure}
        if not missing:
            break
        if len(missing) * 2 <= tried:
            tried, may_hold = len(missing), _any_of(missing)
    return best


def counts(line: EntityLine) -> bool:
    """Whether a line of the memory is a source: what the founder says or trusts, the runtime's, or found true since."""
    if untrusted(line) or line.by is line.trust is None:
        return False
    own = line.by == "founder" or line.trust is Trust.TRUSTED
    own |= line.by == "runtime" and line.type not in AGENTS_WORDS
    return own or bool(line.verified)


def _backed(
    name: str, lines: list[EntityLine], against: Standards
) -> Iterator[tuple[str, Backing]]:
    limits = [
        against.max_age_days[line.type]
        for line in lines
        if line.type in against.max_age_days
    ]

    def day_of(stamp: str) -> date | None:
        time = moment(stamp)
        return (
            time.astimezone(against.zone).date()
            if EARLIEST <= time.year <= LATEST
            else None
        )

    for observation in merged(lines).observations:
        known = known_on(observation, day_of) if limits else None
        age = (against.today - known).days if known else 0
        backing = Backing(name=name, age=age, limit=min(limits, default=age))
        yield from ((figure, backing) for figure in held((observation.text,)))


def _any_of(figures: Collection[str]) -> re.Pattern[str]:
    """What the source of any of the figures has in it."""
    return re.compile(
        "|".join({_digits(figure) for figure in figures})
        if len(figures) <= MANY
        else r"\d"
    )


def _digits(figure: str) -> str:
    """What the source of a figure has in it, however it writes it: the digits of its number, year or day."""
    number = figure.partition(" ")[0]
    if re.fullmatch(r"(?:\d{4}|-)-\d\d(?:-\d\d)?", number):
        number = number[:4] if re.fullmatch(r"\d{4}-\d\d", number) else number[-2:]
    first = re.search(r"\d[\d.,']*", number)
    one, *more = re.sub(r"\D", "", first[0] if first else "").strip("0") or "0"
    # The first digit stands before what looks behind it, so that the search leaps from digit to digit.
    return (
        rf"{one}(?<![1-9]{one}){''.join(_SEPARATOR + digit for digit in more)}(?![1-9])"
    )
