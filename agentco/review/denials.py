"""What is denied: `we are not certified`, `no SSO`, `not for you if you need SSO`.

One negation that reaches the word for certain; two undo each other, and in doubt nothing is denied.
"""

from collections.abc import Sequence

from agentco.review.clauses import (
    REACH,
    WATCHED,
    WORDS,
    SentenceWords,
    any_word,
    first_of,
    has_phrase,
)

_WORDS_AFTER_VERB = 3
_WORDS_BEFORE_VERB = 4
_LONGEST_HEADING = 9
_FAR_NEED = 8
_MOST_STRANGE = 2
_MARKS = frozenset({":", "|", "\u2013", "\u2014", ","})


def is_denied(sentence: SentenceWords, place: int) -> bool:
    """Whether a sentence denies the watched word at a place."""
    start, end = sentence.clause_of(place)
    before = sentence.texts(max(start, place - REACH), place)
    after = sentence.texts(place + 1, min(end, place + REACH))
    return (
        _is_denied(sentence, before, after)
        or _is_denied_behind(sentence, place, before, after)
        or _is_denied_ahead(sentence, start)
        or _is_not_for_you(sentence, place)
    )


def _negations(words: Sequence[str], *, portuguese: bool) -> list[int]:
    """Where a clause is negated; words that deny together count once."""
    places: list[int] = []
    for at, word in enumerate(words):
        if word not in WORDS["negations"] or (word == "no" and portuguese):
            continue
        if has_phrase(words, at, "no_negation"):
            continue
        together = places and {word, words[places[-1]]} <= WORDS["concord"]
        if not together or word == "nao":
            places.append(at)
    return places


def _is_denied(sentence: SentenceWords, before: list[str], after: list[str]) -> bool:
    """`We are not certified`; `no SSO`; `nobody has audited us`: one negation that reaches it."""
    places = _negations([*before, WATCHED, *after], portuguese=sentence.is_portuguese)
    if len(places) != 1 or places[0] >= len(before):
        return False
    if sentence.ending == "?" and sentence.beginning[0] not in {"why", "porque"}:
        return False
    if any_word(after, "opaque_after"):
        return False
    [place] = places
    earlier = before[:place]
    if any_word(before, "doubts"):
        return False
    between = _reached_list(before[place + 1 :], after)
    if between is None:
        return False
    word = before[place]
    being = any_word(earlier[-1:], "beings")
    return _lets_through(between, word, being=being)


def _reached_list(between: list[str], after: list[str]) -> list[str] | None:
    """What stands between a negation and a word; None when a list ends the negation."""
    if "," not in between:
        return between
    goes_on = any_word(between, "joins") or any_word(after, "joins")
    last = len(between) - 1 - between[::-1].index(",")
    if not goes_on:
        return None
    if len(between) - last > _WORDS_BEFORE_VERB:
        return None
    return [word for word in between if word != ","]


def _lets_through(between: list[str], negation: str, *, being: bool) -> bool:
    """Whether a negation reaches over words to the one behind them."""
    words = [word for word in between if word != WATCHED]
    unknown = _strange_words(words)
    if not unknown:
        return True
    verb = first_of(words, "heads")
    if verb is None:
        return being and len(unknown) == 1 and not _is_opaque(words)
    ahead, behind = words[:verb], words[verb + 1 :]
    subject = negation in WORDS["subject_negations"]
    near = subject and verb <= _WORDS_BEFORE_VERB
    if _strange_words(ahead) and not near:
        return False
    if _is_opaque(ahead, negation) or _is_opaque(behind, words[verb]):
        return False
    return len(_strange_words(behind)) <= _WORDS_AFTER_VERB


def _strange_words(words: Sequence[str]) -> list[str]:
    """The words that a negation does not simply reach over."""
    return [word for word in words if word not in WORDS["glue"]]


def _is_opaque(words: Sequence[str], verb: str = "") -> bool:
    """Whether words turn a negation to something else; what a verb takes with it does not."""
    before = verb
    for word in words:
        joined = f"{before} {word}"
        strange = word in WORDS["opaque"] and joined not in WORDS["transparent"]
        if strange and word not in WORDS["glue"]:
            return True
        before = word
    return before in {"have", "has"} and words[-1:] == ["to"]


def _is_denied_behind(
    sentence: SentenceWords, place: int, before: list[str], after: list[str]
) -> bool:
    """`SSO is not included`; `SSO: no`; `SSO is missing`."""
    rest = sentence.texts(place + 1, place + 5)
    if _is_plain_no(rest):
        return True
    places = _negations(after, portuguese=sentence.is_portuguese)
    if _negations(before, portuguese=sentence.is_portuguese):
        return False
    if not places:
        near = after[:4]
        is_missing = any_word(near, "missing")
        return is_missing and not _is_opaque(after[:6])
    return len(places) == 1 and _is_absent(after, places[0])


def _is_absent(after: list[str], negation: int) -> bool:
    """Whether behind a word one negation says that it is not there: `is not included`."""
    if negation > _WORDS_BEFORE_VERB or _is_opaque(after[:negation]):
        return False
    if any_word(after, "opaque_after"):
        return False
    behind = after[negation + 1 : negation + 4]
    return any_word(behind, "absent") and "only" not in behind


def _is_plain_no(rest: list[str]) -> bool:
    """Whether a mark and a `no` follow, and nothing else."""
    if len(rest) <= 1 or rest[0] not in _MARKS:
        return False
    ends = rest[2:] in ([], ["."], ["|"])
    return ends and rest[1] in WORDS["plain_no"]


def _is_denied_ahead(sentence: SentenceWords, start: int) -> bool:
    """`What Lumen does not do: SSO`: the words before a colon deny what follows it."""
    ahead = sentence.texts(start - _LONGEST_HEADING, start)
    if ahead[-1:] != [":"]:
        return False
    heading = ahead[:-1]
    places = _negations(heading, portuguese=sentence.is_portuguese)
    if _is_opaque(heading):
        return False
    if any_word(heading[-1:], "missing"):
        return not places
    return len(places) == 1 and any_word(heading[-1:], "denied_ends")


def _is_not_for_you(sentence: SentenceWords, place: int) -> bool:
    """`Not for you if you need single sign-on`: what others need, and we send them elsewhere."""
    first = max(place - REACH, 0)
    words = sentence.texts(first, place + REACH)
    place -= first
    needs = [
        at
        for at in range(max(place - _FAR_NEED, 0), place)
        if has_phrase(words, at, "needs")
    ]
    if not needs or _is_strange(words[needs[-1] + 1 : place]):
        return False
    return "only" not in words and any(
        has_phrase(words, at, "elsewhere")
        for at in range(len(words))
        if not needs[0] <= at <= place
    )


def _is_strange(words: Sequence[str]) -> bool:
    """Whether more than the words of a short list stands here."""
    known = WORDS["joins"] | {WATCHED, ","}
    strange = [word for word in _strange_words(words) if word not in known]
    return len(strange) > _MOST_STRANGE
