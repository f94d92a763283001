"""Where the figures of a text come from: words that count as sources, or the memory."""

import re
from collections.abc import Collection, Iterator, Sequence
from datetime import date

from msgspec import Struct

from agentco.figures.clock_times import clock_times, times_said
from agentco.figures.figure_context import (
    counted_key,
    is_asked,
    is_everyday,
    is_imagined,
)
from agentco.figures.followed_figures import followed_figures
from agentco.figures.named_numbers import is_named
from agentco.kernel.computed_figures import derived_figures
from agentco.kernel.dates import EARLIEST, LATEST
from agentco.kernel.figures import (
    COUNTED,
    FigurePlace,
    backing_forms,
    figures_in_sources,
    locate_figures,
    measure_pattern,
    unsaid_figures,
)
from agentco.kernel.names import FOUNDER
from agentco.kernel.number_words import words_pattern
from agentco.memory.ages import verified_day
from agentco.memory.graph import merge_entity, parse_time
from agentco.memory.lines import EntityLine, TrustLevel, is_untrusted
from agentco.public_text.findings import Finding, TextRule
from agentco.public_text.judged_figures import weigh_figures
from agentco.public_text.rendered_text import VisibleText, shown_and_hidden
from agentco.public_text.standards import Standards
from agentco.public_text.wished_figures import wished_figures

AGENT_WRITTEN_TYPES = frozenset({"lesson", "standup", "trend-scan"})
"""Types that the runtime writes down in agents' words."""
_LIST_NUMBER = re.compile(r"^[ \t>]*(\d{1,9})[.)](?=\s)", re.MULTILINE)
_LONGEST_LINE = 120
_MOST_DERIVED = 100
MAX_SEARCHED_FIGURES = 200
"""With more, any digit is searched for: a pattern of thousands would be slower."""
_SEPARATOR = "[ .,'\u00a0\u202f\u2009]?"


class BackingFact(Struct, frozen=True, kw_only=True):
    """An entity whose fact says a figure; one older than `limit` days no longer backs it."""

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


def find_unsourced_figures(
    page: VisibleText, standards: Standards
) -> Iterator[Finding]:
    """Every figure that no source says, or only a fact that is too old.

    One that follows from others by a step of arithmetic is told with its terms.
    """
    sources = [standards.today.isoformat(), *standards.words]
    for words in standards.words:
        sources += shown_and_hidden(words)
    said = figures_in_sources(sources)
    times = times_said(standards.words)
    markers = _list_number_starts(page.text)
    for text in (page.drawing.shown, page.drawing.hidden):
        clocks = [clock for clock in clock_times(text) if clock[2] in times]
        places = [
            place
            for place in locate_figures(text)
            if place.start not in markers
            and not any(start <= place.start < end for start, end, _ in clocks)
            and not _is_name_at(text, place)
            and not is_asked(text, place)
            and not is_everyday(text, place)
            and not is_imagined(text, place)
        ]
        yield from _unsourced_in(text, places, said, page, standards)


def _is_name_at(text: str, place: FigurePlace) -> bool:
    """Whether a figure is a name, as it stands in its line."""
    start = text.rfind("\n", 0, place.start) + 1
    start = max(start, place.start - _LONGEST_LINE)
    end = text.find("\n", place.end)
    end = min(place.end + _LONGEST_LINE, end if end >= 0 else len(text))
    return is_named(text[start:end], place.start - start, place.end - start)


def _unsourced_in(
    text: str,
    places: Sequence[FigurePlace],
    said: Collection[str],
    page: VisibleText,
    standards: Standards,
) -> Iterator[Finding]:
    """The findings about the figures of what is drawn of a text, or of what is not."""
    keys = {place: counted_key(text, place) for place in places}
    missing = {*unsaid_figures(keys.values(), said)}
    facts = facts_backing(missing, standards) if missing else {}
    stale = {figure for figure in missing if figure in facts and facts[figure].is_stale}
    unknown = [place for place in places if keys[place] in missing - {*facts}]
    known = [place for place in places if keys[place] not in missing - {*facts} | stale]
    wished = wished_figures(page, unknown)
    places = [place for place in places if place not in wished]
    unknown = [place for place in unknown if place not in wished]
    derived = derived_figures(unknown[:_MOST_DERIVED], known, text) if known else {}
    unknown = [place for place in unknown if place not in derived]
    told = (*standards.words, standards.today.isoformat())
    followed = followed_figures(unknown[:_MOST_DERIVED], known, text, told)
    derived |= {place: one.how for place, one in followed.items()}
    loose = [
        place
        for place in unknown
        if place not in derived and not keys[place].endswith(COUNTED)
    ]
    weighed = weigh_figures(page, loose, standards)
    weighed |= {place: one.weighed for place, one in followed.items() if one.weighed}
    for place in places:
        why = weighed.get(place)
        if why == "":
            continue
        fact = facts.get(keys[place])
        if place in derived:
            rule, hint = TextRule.COMPUTED, derived[place]
        elif keys[place] in stale:
            rule, hint = TextRule.FRESHNESS, _source_hint(fact)
        elif keys[place] in missing and fact is None:
            rule, hint = TextRule.GROUNDING, _source_hint(fact)
        else:
            continue
        yield page.make_finding(rule, place.start, place.end, hint, why or "")


def _source_hint(fact: BackingFact | None) -> str:
    """What to do about a figure that only a stale fact says, or none."""
    if fact is None:
        return (
            "no source says this: look it up in a file or the memory, or leave it out"
        )
    age = f"{fact.name} says it, {fact.age} days ago ({fact.limit} allowed)"
    return f"{age}: look it up again, or leave it out"


def _list_number_starts(text: str) -> frozenset[int]:
    """Where the numbers of ordered lists stand; one that counts on from nothing is a figure."""
    starts: set[int] = set()
    last = 0
    for marker in _LIST_NUMBER.finditer(text):
        number = int(marker[1])
        if number in {1, last, last + 1}:
            starts.add(marker.start(1))
            last = number
    return frozenset(starts)


def facts_backing(
    figures: Collection[str], standards: Standards
) -> dict[str, BackingFact]:
    """For each figure that the memory says, the freshest fact that does.

    Only what may hold one of them is read.
    """
    best: dict[str, BackingFact] = {}
    missing = {*figures}
    forms: dict[str, list[str]] = {}
    for figure in missing:
        for form in backing_forms(figure):
            forms.setdefault(form, []).append(figure)
    searched = len(missing)
    pattern = _figures_pattern(missing)
    for name in standards.graph.entity_names:
        lines = [
            line for line in standards.graph.lines_of(name) if _may_back(line, pattern)
        ]
        for form, fact in _backed_figures(name, lines, standards):
            for figure in forms.get(form, ()):
                best[figure] = _better_fact(best.get(figure), fact)
                if not fact.is_stale:
                    missing.discard(figure)
        if not missing:
            break
        if len(missing) * 2 <= searched:
            searched = len(missing)
            pattern = _figures_pattern(missing)
    return best


def _may_back(line: EntityLine, pattern: re.Pattern[str]) -> bool:
    return is_source(line) and bool(pattern.search("\n".join(line.observations)))


def _better_fact(before: BackingFact | None, fact: BackingFact) -> BackingFact:
    if before and before.rank_key >= fact.rank_key:
        return before
    return fact


def is_source(line: EntityLine) -> bool:
    """Whether a line is a source: the founder's or trusted, the runtime's, or found true since."""
    unsigned = line.by is None and line.trust is None
    if unsigned or is_untrusted(line):
        return False
    if line.by == FOUNDER or line.trust is TrustLevel.TRUSTED or line.verified:
        return True
    return line.by == "runtime" and line.type not in AGENT_WRITTEN_TYPES


def _backed_figures(
    name: str, lines: Sequence[EntityLine], standards: Standards
) -> Iterator[tuple[str, BackingFact]]:
    """The figures that lines of one name say, each with the fact that backs it."""
    if not lines:
        return
    max_ages = standards.max_age_days
    limits = [max_ages[line.type] for line in lines if line.type in max_ages]

    def day_of(stamp: str) -> date | None:
        time = parse_time(stamp)
        if not EARLIEST <= time.year <= LATEST:
            return None
        return time.astimezone(standards.zone).date()

    for observation in merge_entity(lines).observations:
        day = verified_day(observation, day_of) if limits else None
        age = (standards.today - day).days if day else 0
        fact = BackingFact(name=name, age=age, limit=min(limits, default=age))
        for figure in figures_in_sources((observation.text,)):
            yield figure, fact


def _figures_pattern(figures: Collection[str]) -> re.Pattern[str]:
    """What the source of any of the figures has in it."""
    if len(figures) > MAX_SEARCHED_FIGURES:
        return re.compile(r"\d")
    patterns = {*map(_digits_pattern, figures), words_pattern(figures)}
    patterns |= {*map(measure_pattern, figures)}
    return re.compile("|".join(filter(None, patterns)), re.IGNORECASE)


def _digits_pattern(figure: str) -> str:
    """What any form of a figure has in it: the digits of its number, year or day."""
    number = figure.partition(" ")[0]
    if re.fullmatch(r"(?:\d{4}|-)-\d\d(?:-\d\d)?", number):
        year_alone = re.fullmatch(r"\d{4}-\d\d", number)
        number = number[:4] if year_alone else number[-2:]
    match = re.search(r"\d[\d.,']*", number)
    digits = re.sub(r"\D", "", match[0]).strip("0") if match else ""
    first, *others = digits or "0"
    rest = "".join(_SEPARATOR + digit for digit in others)
    # The first digit stands before what looks behind it: the search leaps from digit to digit.
    return rf"{first}(?<![1-9]{first}){rest}(?![1-9])"
