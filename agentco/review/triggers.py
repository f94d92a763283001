"""Which words in whose work call for whose review."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct
from msgspec.structs import replace

from agentco.company.settings import Settings, Strictness, Trigger
from agentco.judging.phrase_tree import split_phrase
from agentco.kernel.names import slug
from agentco.page import phrase_search
from agentco.page.sentences import sentence_around
from agentco.review import figure_patterns
from agentco.review.trigger_judging import JudgedTriggers, Reason, meets
from agentco.review.trigger_table import (
    DEFAULT_TRIGGERS,
    ShippedTrigger,
    without_phrases,
)

_MAX_FIRED_WORDS = 5
_MAX_LISTED_WORDS = 6
_WHERE = {True: " in public text", False: " in internal text", None: ""}


class FiredTrigger(Struct, frozen=True, kw_only=True):
    """A trigger that a text calls for.

    `words` are as they stand in the text, each once; `line` is the first one's, from 1, and
    `sentence` the one it stands in, on one line. All of `consult` review it, and one of `any_of`.
    """

    trigger: str
    words: tuple[str, ...]
    line: int
    sentence: str = ""
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


def merge_triggers(
    own: Iterable[Trigger], strictness: Strictness = "normal"
) -> tuple[Trigger, ...]:
    """The defaults under a company's own triggers, by name, without those that nothing can fire.

    One with a default's name and words or patterns of its own takes its place, one with nothing
    but the name switches it off; any other changes it.
    """
    return tuple(filter(can_fire, all_triggers(own, strictness)))


def all_triggers(
    own: Iterable[Trigger], strictness: Strictness = "normal"
) -> tuple[Trigger, ...]:
    """The whole table, those that are off included."""
    named: dict[str, Trigger] = {}
    for trigger in DEFAULT_TRIGGERS:
        named[slug(trigger.name)] = replace(trigger, strictness=strictness)
    for number, trigger in enumerate(own):
        name = slug(trigger.name) or f"{number}."
        shipped = named.get(name)
        if isinstance(shipped, ShippedTrigger) and only_amends(trigger):
            named[name] = _amend_trigger(shipped, trigger)
        else:
            named[name] = trigger
    return tuple(named.values())


def only_amends(trigger: Trigger) -> bool:
    """Whether it changes a default of its name, and does not take its place or switch it off."""
    replaces = trigger.words or trigger.patterns
    return not replaces and trigger != Trigger(name=trigger.name)


def _amend_trigger(shipped: ShippedTrigger, own: Trigger) -> ShippedTrigger:
    """A shipped trigger with a founder's words, and with whom else the founder names."""
    reviewed = own if own.consult or own.any_of else shipped
    return replace(
        shipped,
        strong=without_phrases(shipped.strong, own.drop),
        add=own.add,
        drop=own.drop,
        unless=(*shipped.unless, *own.unless),
        consult=reviewed.consult,
        any_of=reviewed.any_of,
        from_=own.from_ or shipped.from_,
        public=shipped.public if own.public is None else own.public,
    )


def triggers_for(
    settings: Settings, author: str, *, public: bool, only: Sequence[str] | None = None
) -> list[Trigger]:
    """The triggers that look at a text of this author, with a company's own ones.

    `only` names those that hold. A name that no trigger bears is a slip, by which none is switched
    off: then all hold.
    """
    own = settings.triggers
    triggers = merge_triggers(own, settings.reviews.strictness)
    if only is not None and not unknown_triggers(only, own):
        names = set(map(slug, only))
        triggers = tuple(one for one in triggers if slug(one.name) in names)
    return [one for one in triggers if watches_author(one, author, public=public)]


def unknown_triggers(names: Iterable[str], own: Iterable[Trigger]) -> list[str]:
    """The names that no trigger bears, neither a default nor one of the company's own."""
    known = {slug(trigger.name) for trigger in (*DEFAULT_TRIGGERS, *own)}
    return [name for name in names if slug(name) not in known]


def missing_reviewers(
    own: Iterable[Trigger], has_agent: Callable[[str], object]
) -> dict[str, tuple[str, ...]]:
    """The agents who are not here and whose reviews triggers call for, by the trigger's name.

    A trigger that looks at nobody's work here is left out.
    """
    missing: dict[str, tuple[str, ...]] = {}
    for trigger in merge_triggers(own):
        if trigger.from_ and not any(map(has_agent, trigger.from_)):
            continue
        names = [name for name in trigger.consult if not has_agent(name)]
        if not any(map(has_agent, trigger.any_of)):
            names += trigger.any_of
        if names:
            missing[trigger.name] = tuple(names)
    return missing


def can_fire(trigger: Trigger) -> bool:
    """Whether any text at all could call for it."""
    words = listed_words(trigger)
    return bool(trigger.patterns) or any(map(split_phrase, words))


def listed_words(trigger: Trigger) -> tuple[str, ...]:
    """The founder's words of a trigger, then the shipped strong ones."""
    strong = trigger.strong if isinstance(trigger, ShippedTrigger) else ()
    return (*trigger.words, *trigger.add, *strong)


def fired_triggers(
    text: str, triggers: Iterable[Trigger], *, author: str, public: bool
) -> tuple[FiredTrigger, ...]:
    """The triggers that a text calls for, in the order of the table.

    A founder's word fires wherever it stands, except next to a founder's `unless`. A shipped
    trigger fires where a sentence asserts, decides, promises or asks something in its domain.
    """
    watching = [
        trigger
        for trigger in triggers
        if watches_author(trigger, author, public=public)
    ]
    folded = phrase_search.fold_text(text)
    listed = _listed_places(folded, watching)
    judged = JudgedTriggers(folded, watching, public=public)
    fired: list[FiredTrigger] = []
    for trigger, places in zip(watching, listed, strict=True):
        if places:
            fired.append(_fired_by_words(trigger, folded, places))
        elif isinstance(trigger, ShippedTrigger):
            reason = judged.reason(trigger)
            if reason:
                fired.append(_fired_by_sentence(trigger, text, reason))
    return tuple(fired)


def fired_within(
    text: str,
    trigger: Trigger,
    parts: Sequence[phrase_search.Span],
    author: str,
    *,
    public: bool,
) -> FiredTrigger | None:
    """What a trigger finds in a text that reaches into one of these parts, which are in order.

    A phrase may begin in one sentence and end in the next.
    """
    if not watches_author(trigger, author, public=public):
        return None
    folded = phrase_search.fold_text(text)
    (places,) = _listed_places(folded, [trigger])
    inside = [one for one in places if meets(folded.original_span(one), parts)]
    if inside:
        return _fired_by_words(trigger, folded, inside)
    if isinstance(trigger, ShippedTrigger):
        judged = JudgedTriggers(folded, [trigger], public=public)
        reason = judged.reason(trigger, parts)
        if reason:
            return _fired_by_sentence(trigger, text, reason)
    return None


def nearly_fired(
    text: str,
    triggers: Iterable[Trigger],
    fired: Iterable[FiredTrigger],
    *,
    public: bool,
) -> list[FiredTrigger]:
    """The other triggers, which a model may still call for.

    Of the shipped ones those that a text just does not call for; of a founder's own, code knows
    no more than the words.
    """
    names = {one.trigger for one in fired}
    looking = [*triggers]
    judged = JudgedTriggers(phrase_search.fold_text(text), looking, public=public)
    near: list[FiredTrigger] = []
    for trigger in looking:
        is_open = not isinstance(trigger, ShippedTrigger) or judged.is_near(trigger)
        if is_open and trigger.name not in names:
            near.append(
                FiredTrigger(
                    trigger=trigger.name,
                    words=(),
                    line=0,
                    consult=trigger.consult,
                    any_of=trigger.any_of,
                )
            )
    return near


def _listed_places(
    text: phrase_search.FoldedText, triggers: Sequence[Trigger]
) -> list[list[phrase_search.Span]]:
    """For each trigger where its founder's words and patterns stand."""
    words = tuple((*trigger.words, *trigger.add) for trigger in triggers)
    found = phrase_search.find_phrases(text, words)
    excepted = tuple(
        trigger.unless if phrases else ()
        for trigger, phrases in zip(triggers, found, strict=True)
    )
    exceptions = phrase_search.find_phrases(text, excepted)
    listed: list[list[phrase_search.Span]] = []
    for trigger, phrases, next_to in zip(triggers, found, exceptions, strict=True):
        places = phrase_search.places_apart(text, phrases.items(), next_to.items())
        if not isinstance(trigger, ShippedTrigger):
            for name in trigger.patterns:
                places += figure_patterns.find_pattern(name, text.folded)
        listed.append(sorted(places))
    return listed


def _fired_by_words(
    trigger: Trigger,
    text: phrase_search.FoldedText,
    places: Sequence[phrase_search.Span],
) -> FiredTrigger:
    start, _ = places[0]
    return FiredTrigger(
        trigger=trigger.name,
        words=phrase_search.distinct_words(text, places, _MAX_FIRED_WORDS),
        line=text.line_number(places[0]),
        sentence=sentence_around(text.said, text.char_origins[start]),
        consult=trigger.consult,
        any_of=trigger.any_of,
    )


def _fired_by_sentence(trigger: Trigger, text: str, reason: Reason) -> FiredTrigger:
    return FiredTrigger(
        trigger=trigger.name,
        words=reason.words,
        line=text.count("\n", 0, reason.start) + 1,
        sentence=sentence_around(text, reason.start),
        consult=trigger.consult,
        any_of=trigger.any_of,
    )


def watches_author(
    trigger: Trigger, author: str, *, public: bool | None = None
) -> bool:
    """Whether it looks at what this agent writes, in public or not; None is either."""
    if trigger.from_ and not _names_agent(trigger.from_, author):
        return False
    return None in {trigger.public, public} or trigger.public is public


def _names_agent(names: Iterable[str], agent: str) -> bool:
    return agent.casefold() in {name.casefold() for name in names}


def format_triggers(triggers: Iterable[Trigger], author: str) -> str:
    """The table as an agent reads it: a line for each trigger by which others review its work."""
    lines: list[str] = []
    for trigger in triggers:
        reviewers = _other_reviewers(trigger, author)
        if reviewers and watches_author(trigger, author):
            lines.append(_format_trigger(trigger, reviewers))
    return "\n".join(lines)


def _format_trigger(trigger: Trigger, reviewers: str) -> str:
    patterns = [figure_patterns.PATTERN_DESCRIPTIONS[name] for name in trigger.patterns]
    words = [*patterns, *listed_words(trigger)]
    listed = ", ".join(words[:_MAX_LISTED_WORDS])
    if len(words) > _MAX_LISTED_WORDS:
        listed += ", …"
    where = _WHERE[trigger.public]
    return f"- {trigger.name}{where} ({listed}): {reviewers}"


def _other_reviewers(trigger: Trigger, author: str) -> str:
    """Who but the author reviews under a trigger, in words; empty when nobody does."""
    consulted = [name for name in trigger.consult if not _names_agent([name], author)]
    reviewers = [" and ".join(consulted)]
    if not _names_agent(trigger.any_of, author):
        reviewers.append(" or ".join(trigger.any_of))
    return ", and ".join(filter(None, reviewers))
