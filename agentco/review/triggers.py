"""Which words in whose work call for whose review."""

from collections.abc import Iterable

from msgspec import Struct

from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.names import slug
from agentco.review import figure_patterns, phrase_search

_SHOWN, _TOLD = 5, 6


class Fired(Struct, frozen=True, kw_only=True):
    """A trigger that a text calls for.

    `words` are as they stand in the text, each once; `line` is the first one's, from 1. All of `consult`
    review it, and one of `any_of`.
    """

    trigger: str
    words: tuple[str, ...]
    line: int
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()


DEFAULTS = package_data.table(__name__, tuple[Trigger, ...])
"""The triggers of every company, English and Portuguese."""


def table(own: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """The defaults with a company's own triggers over them, by name; one that nothing can fire is left out."""
    named = {slug(trigger.name): trigger for trigger in DEFAULTS}
    for number, trigger in enumerate(own):
        named[slug(trigger.name) or f"{number}."] = trigger
    return tuple(filter(can_fire, named.values()))


def can_fire(trigger: Trigger) -> bool:
    """Whether any text at all could call for it."""
    return bool(trigger.patterns) or any(map(phrase_search.parts, trigger.words))


def fired(
    text: str, triggers: Iterable[Trigger], *, author: str, public: bool
) -> tuple[Fired, ...]:
    """The triggers that a text calls for, in the order of the table."""
    read, some = (
        phrase_search.read(text),
        tuple(one for one in triggers if looks_at(one, author, public=public)),
    )
    found = (
        sorted(
            (
                *words.items(),
                *(
                    place
                    for name in one.patterns
                    for place in figure_patterns.places(name, read.folded)
                ),
            )
        )
        for one, words in zip(
            some,
            phrase_search.places(read, tuple(one.words for one in some)),
            strict=True,
        )
    )
    return tuple(
        _fired(one, read, places)
        for one, places in zip(some, found, strict=True)
        if places
    )


def _fired(
    one: Trigger, read: phrase_search.Read, places: list[phrase_search.Place]
) -> Fired:
    words, line = phrase_search.distinct(read, places, _SHOWN), read.line(places[0])
    return Fired(
        trigger=one.name, words=words, line=line, consult=one.consult, any_of=one.any_of
    )


def looks_at(trigger: Trigger, author: str, *, public: bool | None = None) -> bool:
    """Whether it looks at what this agent writes, in public or not; None is either."""
    from_ = {name.casefold() for name in trigger.from_}
    return (not from_ or author.casefold() in from_) and (
        None in {trigger.public, public} or trigger.public is public
    )


def rendered(triggers: Iterable[Trigger], author: str) -> str:
    """The table as an agent reads it: a line for each trigger by which somebody else reviews this agent's work."""
    lines = (
        _line(trigger, author) for trigger in triggers if looks_at(trigger, author)
    )
    return "\n".join(filter(None, lines))


def _line(trigger: Trigger, author: str) -> str:
    others = [
        " and ".join(
            name for name in trigger.consult if name.casefold() != author.casefold()
        )
    ]
    if author.casefold() not in {name.casefold() for name in trigger.any_of}:
        others.append(" or ".join(trigger.any_of))
    if not any(others):
        return ""
    words = [*(figure_patterns.SAID[name] for name in trigger.patterns), *trigger.words]
    more = ", …" if len(words) > _TOLD else ""
    where = {True: " in public text", False: " in internal text", None: ""}[
        trigger.public
    ]
    return f"- {trigger.name}{where} ({', '.join(words[:_TOLD])}{more}): {', and '.join(filter(None, others))}"
