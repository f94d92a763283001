"""Which words in whose work call for whose review."""

from collections.abc import Iterable

from msgspec import Struct

from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.names import slug
from agentco.review import figure_patterns, phrase_search

_MAX_FIRED_WORDS, _MAX_LISTED_WORDS = 5, 6


class FiredTrigger(Struct, frozen=True, kw_only=True):
    """A trigger that a text calls for.

    `words` are as they stand in the text, each once; `line` is the first one's, from 1. All of `consult`
    review it, and one of `any_of`.
    """

    trigger: str
    words: tuple[str, ...]
    line: int
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


DEFAULT_TRIGGERS = package_data.load_table(__name__, tuple[Trigger, ...])
"""The triggers of every company, English and Portuguese."""


def merge_triggers(own: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """The defaults with a company's own triggers over them, by name; one that nothing can fire is left out."""
    named = {slug(trigger.name): trigger for trigger in DEFAULT_TRIGGERS}
    for number, trigger in enumerate(own):
        named[slug(trigger.name) or f"{number}."] = trigger
    return tuple(filter(can_fire, named.values()))


def can_fire(trigger: Trigger) -> bool:
    """Whether any text at all could call for it."""
    return bool(trigger.patterns) or any(map(phrase_search.split_phrase, trigger.words))


def fired_triggers(
    text: str, triggers: Iterable[Trigger], *, author: str, public: bool
) -> tuple[FiredTrigger, ...]:
    """The triggers that a text calls for, in the order of the table."""
    read, some = (
        phrase_search.fold_text(text),
        tuple(one for one in triggers if watches_author(one, author, public=public)),
    )
    found = (
        sorted(
            (
                *words.items(),
                *(
                    place
                    for name in one.patterns
                    for place in figure_patterns.find_pattern(name, read.folded)
                ),
            )
        )
        for one, words in zip(
            some,
            phrase_search.find_phrases(read, tuple(one.words for one in some)),
            strict=True,
        )
    )
    return tuple(
        _make_fired(one, read, places)
        for one, places in zip(some, found, strict=True)
        if places
    )


def _make_fired(
    one: Trigger, read: phrase_search.FoldedText, places: list[phrase_search.Span]
) -> FiredTrigger:
    words, line = (
        phrase_search.distinct_words(read, places, _MAX_FIRED_WORDS),
        read.line_number(places[0]),
    )
    return FiredTrigger(
        trigger=one.name, words=words, line=line, consult=one.consult, any_of=one.any_of
    )


def watches_author(
    trigger: Trigger, author: str, *, public: bool | None = None
) -> bool:
    """Whether it looks at what this agent writes, in public or not; None is either."""
    from_ = {name.casefold() for name in trigger.from_}
    return (not from_ or author.casefold() in from_) and (
        None in {trigger.public, public} or trigger.public is public
    )


def format_triggers(triggers: Iterable[Trigger], author: str) -> str:
    """The table as an agent reads it: a line for each trigger by which somebody else reviews this agent's work."""
    lines = (
        _format_trigger(trigger, author)
        for trigger in triggers
        if watches_author(trigger, author)
    )
    return "\n".join(filter(None, lines))


def _format_trigger(trigger: Trigger, author: str) -> str:
    others = [
        " and ".join(
            name for name in trigger.consult if name.casefold() != author.casefold()
        )
    ]
    if author.casefold() not in {name.casefold() for name in trigger.any_of}:
        others.append(" or ".join(trigger.any_of))
    if not any(others):
        return ""
    words = [
        *(figure_patterns.PATTERN_DESCRIPTIONS[name] for name in trigger.patterns),
        *trigger.words,
    ]
    more = ", …" if len(words) > _MAX_LISTED_WORDS else ""
    where = {True: " in public text", False: " in internal text", None: ""}[
        trigger.public
    ]
    return f"- {trigger.name}{where} ({', '.join(words[:_MAX_LISTED_WORDS])}{more}): {', and '.join(filter(None, others))}"
