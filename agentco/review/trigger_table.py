"""The shipped triggers: who is called, and the few words that practically always mean them."""

from collections.abc import Iterable

from agentco.company.settings import Strictness, Trigger
from agentco.judging.phrase_tree import split_phrase
from agentco.kernel import package_data


class ShippedTrigger(Trigger, frozen=True, kw_only=True):
    """A trigger of every company.

    `strong` are the words that weigh most; alone they decide when `strictness` is off. `judge`
    is the classifier's department. `words` stays empty: those are the founder's. Of two of one
    department the `outward` one is meant where a text goes out.
    """

    strong: tuple[str, ...]
    judge: str
    outward: bool = False
    strictness: Strictness = "normal"


DEFAULT_TRIGGERS = package_data.load_table(
    __name__, tuple[ShippedTrigger, ...], "triggers"
)
"""The triggers of every company, English and Portuguese."""


def strong_words() -> dict[str, tuple[str, ...]]:
    """The strong words of the triggers that look at everybody's work, by department."""
    words: dict[str, tuple[str, ...]] = {}
    for trigger in DEFAULT_TRIGGERS:
        if not trigger.from_:
            before = words.get(trigger.judge, ())
            words[trigger.judge] = before + trigger.strong
    return words


def without_phrases(words: Iterable[str], dropped: Iterable[str]) -> tuple[str, ...]:
    """The words without those that are written like one of the dropped."""
    gone = [split_phrase(phrase) for phrase in dropped]
    kept = [word for word in words if split_phrase(word) not in gone]
    return tuple(kept)
