"""Which words in whose work call for whose review."""

from collections.abc import Callable, Iterable, Sequence

from msgspec import Struct

from agentco.company.settings import Trigger
from agentco.kernel import package_data
from agentco.kernel.names import slug
from agentco.page import phrase_search
from agentco.page.sentences import sentence_around
from agentco.review import figure_patterns

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


DEFAULT_TRIGGERS = package_data.load_table(__name__, tuple[Trigger, ...])
"""The triggers of every company, English and Portuguese."""


def merge_triggers(own: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """The defaults under a company's own triggers, by name, without those that nothing can fire."""
    return tuple(filter(can_fire, all_triggers(own)))


def all_triggers(own: Iterable[Trigger]) -> tuple[Trigger, ...]:
    """The whole table, those that are off included."""
    named: dict[str, Trigger] = {}
    for trigger in DEFAULT_TRIGGERS:
        named[slug(trigger.name)] = trigger
    for number, trigger in enumerate(own):
        named[slug(trigger.name) or f"{number}."] = trigger
    return tuple(named.values())


def triggers_for(
    own: Sequence[Trigger],
    author: str,
    *,
    public: bool,
    only: Sequence[str] | None = None,
) -> list[Trigger]:
    """The triggers that look at a text of this author, with a company's own ones.

    `only` names those that hold. A name that no trigger bears is a slip, by which none is switched
    off: then all hold.
    """
    triggers = merge_triggers(own)
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
    return bool(trigger.patterns) or any(map(phrase_search.split_phrase, trigger.words))


def fired_triggers(
    text: str, triggers: Iterable[Trigger], *, author: str, public: bool
) -> tuple[FiredTrigger, ...]:
    """The triggers that a text calls for, in the order of the table."""
    folded_text = phrase_search.fold_text(text)
    watching = [
        trigger
        for trigger in triggers
        if watches_author(trigger, author, public=public)
    ]
    lists = tuple(trigger.words for trigger in watching)
    found = phrase_search.find_phrases(folded_text, lists)
    fired: list[FiredTrigger] = []
    for trigger, phrases in zip(watching, found, strict=True):
        places = list(phrases.items())
        for name in trigger.patterns:
            places += figure_patterns.find_pattern(name, folded_text.folded)
        if places:
            fired.append(_make_fired(trigger, folded_text, sorted(places)))
    return tuple(fired)


def _make_fired(
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
    words = [*patterns, *trigger.words]
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
