"""Watched words that speak of something else: `certified flour`, `the word “unhackable”`."""

import re
from collections.abc import Collection, Sequence

from msgspec import Struct, structs

from agentco.kernel import package_data
from agentco.kernel.comparison import comparison_key
from agentco.public_text.clauses import REACH, WATCHED, SentenceWords, Words, any_word
from agentco.public_text.names import Names


class _Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """Words and phrases that mention, define or avoid a word."""

    login: Words
    ours: Words
    mentions: Words
    topics: Words
    topic_joins: Words
    topical: Words
    laws: Words
    definitions: Words
    no_definitions: Words
    epithets: Words
    avoided: Words
    avoiding: Words
    law_markers: Words
    acronyms: Words
    spelt_out: Words


class _Senses(Struct, frozen=True):
    """By beginnings of watched words, what gives them another sense, and where it stands.

    Directly `behind` or `ahead`, `near` in the same clause, or as what they do, `subject`.
    """

    behind: dict[str, tuple[str, ...]]
    ahead: dict[str, tuple[str, ...]]
    near: dict[str, tuple[str, ...]]
    subject: dict[str, tuple[str, ...]]
    words: _Kinds


_SENSES = package_data.load_table(__name__, _Senses)
_TABLE: dict[str, Words] = structs.asdict(_SENSES.words)
_NEXT = 3
_BACK = 8
_NEAR = 5
_ARTICLES = frozenset({"the", "o", "a"})


def means_other(sentence: SentenceWords, place: int, names: Names) -> bool:
    """Whether a watched word is only mentioned, or has a sense that is none of software."""
    if _is_mentioned(sentence, place, names):
        return True
    start, end = sentence.clause_of(place)
    said = sentence.words[place].said
    ahead = sentence.texts(max(start, place - REACH), place)
    behind = sentence.texts(place + 1, min(end, place + REACH))
    ours = _TABLE["ours"] | names.ours
    if not ours.isdisjoint(ahead):
        return False
    beside = _has_any(behind[:_NEXT], _phrases(_SENSES.behind, said), first=True)
    if beside or _has_any(ahead[-1:], _phrases(_SENSES.ahead, said)):
        return True
    return ours.isdisjoint(behind) and _is_elsewhere(said, ahead, behind)


def _is_elsewhere(said: str, ahead: list[str], behind: list[str]) -> bool:
    """Whether a clause is about toys, cars or what two factors led to."""
    near = [*ahead, *behind]
    if _has_any(near, _phrases(_SENSES.near, said)):
        return True
    does = _has_any(behind, _phrases(_SENSES.subject, said), first=True)
    return does and not _has_any(near, _TABLE["login"])


def _phrases(table: dict[str, tuple[str, ...]], said: str) -> frozenset[str]:
    """What gives a watched word another sense."""
    plain = _plain(said)
    for beginning, phrases in table.items():
        if plain.startswith(_plain(beginning)):
            return frozenset(phrases)
    return frozenset()


def _plain(words: str) -> str:
    return comparison_key(words).replace("-", " ")


def _has_any(
    words: Sequence[str], phrases: Collection[str], *, first: bool = False
) -> bool:
    """Whether any of the phrases stands among words; with `first` only at their beginning."""
    text = " ".join(words)
    if first:
        return any(re.match(rf"{re.escape(one)}(?![^\W_])", text) for one in phrases)
    return any(f" {one} " in f" {text} " for one in phrases)


def _is_mentioned(sentence: SentenceWords, place: int, names: Names) -> bool:
    """`the word “unhackable”`, `a guide to the GDPR`: what is spoken about."""
    ahead = sentence.texts(place - _BACK, place)
    behind = sentence.texts(place + 1, place + REACH)
    around = [*sentence.texts(place - REACH, place), *behind]
    if ahead[-1:] and ahead[-1] in _TABLE["mentions"]:
        if not names.ours.isdisjoint(around):
            return False
        is_avoided = _has_any(around, _TABLE["avoided"])
        return is_avoided or not any_word(around, "ours")
    if _has_any(behind, _TABLE["avoiding"], first=True):
        return True
    ours = (_TABLE["ours"] - {"us", "it"}) | names.ours
    if not ours.isdisjoint(behind):
        return False
    said = _plain(sentence.words[place].said)
    is_law = said.startswith(tuple(_TABLE["laws"]))
    is_explained = is_law and _has_any(around, _TABLE["law_markers"])
    if is_explained and not _of_us(around, names):
        return True
    is_defined = _is_defined(said, ahead, behind)
    return is_defined or _is_topic(said, ahead, behind)


def _is_topic(said: str, ahead: list[str], behind: list[str]) -> bool:
    """`a guide to the GDPR`; `people ask what SOC 2 is`."""
    if not said.startswith(tuple(_TABLE["topical"])):
        return False
    if behind[:2] == ["is", "."] and "what" in ahead[-2:]:
        return True
    words = [*ahead]
    while words and words[-1] in _TABLE["topic_joins"] | {WATCHED}:
        words.pop()
    return len(words) < len(ahead) and bool(words) and words[-1] in _TABLE["topics"]


def _of_us(words: Sequence[str], names: Names) -> bool:
    own = names.ours | {"our"}
    if any_word(words, "ours"):
        return True
    return not own.isdisjoint(words)


def _is_defined(said: str, ahead: Sequence[str], behind: Sequence[str]) -> bool:
    """`SOC 2 is an audit standard`; `“unhackable” is a word for …`: what a word stands for."""
    if any(word.isalpha() and word not in _ARTICLES for word in ahead):
        return False
    if _has_any(behind, _TABLE["epithets"], first=True):
        return True
    is_acronym = said in _TABLE["acronyms"]
    if is_acronym and _has_any(behind, _TABLE["spelt_out"], first=True):
        return True
    near = behind[1:] if behind[:1] == [","] else behind
    is_law = said.startswith(tuple(_TABLE["laws"]))
    explained = _has_any(near, _TABLE["definitions"], first=True)
    return is_law and explained and not _has_any(near[:_NEAR], _TABLE["no_definitions"])
