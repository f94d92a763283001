"""Where the figures of a text come from: the words that count as sources, and the memory where it is no agent's."""

import re
from collections.abc import Collection, Iterator
from datetime import date

from msgspec import Struct

from agentco.kernel.dates import EARLIEST, LATEST
from agentco.memory.ages import verified_day
from agentco.memory.graph import merge_entity, parse_time
from agentco.memory.lines import EntityLine, TrustLevel, is_untrusted
from agentco.review.findings import Finding, TextRule
from agentco.review.grounding import figures_in_sources, locate_figures
from agentco.review.rendered_text import VisibleText
from agentco.review.standards import Standards

AGENT_WRITTEN_TYPES = frozenset({"lesson", "standup", "trend-scan"})
"""Types that the runtime writes down in agents' words."""
_LIST_NUMBER = re.compile(r"^[ \t>]*(\d{1,9})[.)](?=\s)", re.MULTILINE)
MAX_SEARCHED_FIGURES = 200
_SEPARATOR = "[ .,'\u00a0\u202f\u2009]?"


class BackingFact(Struct, frozen=True, kw_only=True):
    """An entity whose fact says a figure; a fact that is older than `limit` days no longer backs it."""

    name: str
    age: int
    limit: int

    @property
    def is_stale(self) -> bool:
        """Whether the fact must be looked up again."""
        return self.age > self.limit

    @property
    def rank_key(self) -> tuple[bool, int]:
        """By what one backing is better than another."""
        return not self.is_stale, -self.age


def find_unsourced_figures(page: VisibleText, against: Standards) -> Iterator[Finding]:
    """Every figure that no source says, or only a fact that is too old."""
    found, markers = [*locate_figures(page.text)], _list_number_starts(page.text)
    missing = {f.figure for f in found} - figures_in_sources(
        (*against.words, against.today.isoformat())
    )
    known = facts_backing(missing, against) if missing else {}
    for place in found:
        backing = known.get(place.figure)
        if (
            place.figure not in missing
            or place.start in markers
            or (backing and not backing.is_stale)
        ):
            continue
        rule, hint = (
            TextRule.GROUNDING,
            "no source says it: have it read from a file or memory, or leave it out",
        )
        if backing:
            rule, old = (
                TextRule.FRESHNESS,
                f"{backing.name} says it, {backing.age} days ago ({backing.limit} allowed)",
            )
            hint = f"{old}: look it up again, or leave it out"
        yield page.make_finding(rule, place.start, place.end, hint)


def _list_number_starts(text: str) -> frozenset[int]:
    """Where the numbers of ordered lists stand; one that counts on from nothing is a figure."""
    found, last = set[int](), 0
    for marker in _LIST_NUMBER.finditer(text):
        number = int(marker[1])
        if number in {1, last, last + 1}:
            found.add(marker.start(1))
            last = number
    return frozenset(found)


def facts_backing(
    wanted: Collection[str], against: Standards
) -> dict[str, BackingFact]:
    """For each figure that the memory says, the freshest fact that does; only what may hold one is read."""
    best, missing = dict[str, BackingFact](), {*wanted}
    tried, may_hold = len(missing), _figures_pattern(missing)
    for name in against.graph.entity_names:
        near = [
            x
            for x in against.graph.lines_of(name)
            if is_source(x) and may_hold.search("\n".join(x.observations))
        ]
        for figure, backing in _backed_figures(name, near, against) if near else ():
            if figure in missing and (
                figure not in best or best[figure].rank_key < backing.rank_key
            ):
                best[figure] = backing
                missing -= set() if backing.is_stale else {figure}
        if not missing:
            break
        if len(missing) * 2 <= tried:
            tried, may_hold = len(missing), _figures_pattern(missing)
    return best


def is_source(line: EntityLine) -> bool:
    """Whether a line of the memory is a source: what the founder says or trusts, the runtime's, or found true since."""
    if is_untrusted(line) or line.by is line.trust is None:
        return False
    own = line.by == "founder" or line.trust is TrustLevel.TRUSTED
    own |= line.by == "runtime" and line.type not in AGENT_WRITTEN_TYPES
    return own or bool(line.verified)


def _backed_figures(
    name: str, lines: list[EntityLine], against: Standards
) -> Iterator[tuple[str, BackingFact]]:
    limits = [
        against.max_age_days[line.type]
        for line in lines
        if line.type in against.max_age_days
    ]

    def day_of(stamp: str) -> date | None:
        time = parse_time(stamp)
        return (
            time.astimezone(against.zone).date()
            if EARLIEST <= time.year <= LATEST
            else None
        )

    for observation in merge_entity(lines).observations:
        known = verified_day(observation, day_of) if limits else None
        age = (against.today - known).days if known else 0
        backing = BackingFact(name=name, age=age, limit=min(limits, default=age))
        yield from (
            (figure, backing) for figure in figures_in_sources((observation.text,))
        )


def _figures_pattern(figures: Collection[str]) -> re.Pattern[str]:
    """What the source of any of the figures has in it."""
    return re.compile(
        "|".join({_digits_pattern(figure) for figure in figures})
        if len(figures) <= MAX_SEARCHED_FIGURES
        else r"\d"
    )


def _digits_pattern(figure: str) -> str:
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
