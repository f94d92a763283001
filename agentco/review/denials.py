"""What is denied: `we are not certified`, `no SSO`, `not for you if you need SSO`.

One negation that reaches the word for certain; two undo each other, and in doubt nothing is denied.
"""

from collections.abc import Sequence

from agentco.review.clauses import REACH, WATCHED, WORDS, Sentence, has_phrase

_WORDS_AFTER_VERB = 3
_WORDS_BEFORE_VERB = 4
_LONGEST_HEADING = 9
_FAR_NEED = 8
_MOST_STRANGE = 2
_MARKS = frozenset({":", "|", "\u2013", "\u2014", ","})


def is_denied(sentence: Sentence, place: int) -> bool:
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
        if has_phrase(words, at, WORDS["no_negation"]):
            continue
        together = places and {word, words[places[-1]]} <= WORDS["concord"]
        if not together or word == "nao":
            places.append(at)
    return places


def _is_denied(sentence: Sentence, before: list[str], after: list[str]) -> bool:
    """`We are not certified`; `no SSO`; `nobody has audited us`: one negation that reaches it."""
    places = _negations([*before, WATCHED, *after], portuguese=sentence.is_portuguese)
    if len(places) != 1 or places[0] >= len(before):
        return False
    if sentence.ending == "?" and sentence.beginning[0] not in {"why", "porque"}:
        return False
    if WORDS["opaque_after"].intersection(after):
        return False
    [place] = places
    earlier = before[:place]
    if WORDS["doubts"].intersection(before):
        return False
    between = _reached_list(before[place + 1 :], after)
    if between is None:
        return False
    word = before[place]
    being = bool(earlier) and earlier[-1] in WORDS["beings"]
    return _lets_through(between, word, being=being)


def _reached_list(between: list[str], after: list[str]) -> list[str] | None:
    """What stands between a negation and a word; None when a list ends the negation."""
    if "," not in between:
        return between
    goes_on = WORDS["joins"].intersection([*between, *after])
    last = len(between) - 1 - between[::-1].index(",")
    if not goes_on or after[:0] or len(between) - last > _WORDS_BEFORE_VERB:
        return None
    return [word for word in between if word != ","]


def _lets_through(between: list[str], negation: str, *, being: bool) -> bool:
    """Whether a negation reaches over words to the one behind them."""
    words = [word for word in between if word != WATCHED]
    verb = next((at for at, word in enumerate(words) if word in WORDS["heads"]), None)
    unknown = [word for word in words if word not in WORDS["glue"]]
    if not unknown:
        return True
    if verb is None:
        return being and len(unknown) == 1 and not _is_opaque(words)
    ahead, behind = words[:verb], words[verb + 1 :]
    subject = negation in WORDS["subject_negations"]
    strange = [word for word in ahead if word not in WORDS["glue"]]
    if strange and (not subject or verb > _WORDS_BEFORE_VERB):
        return False
    if _is_opaque(ahead, negation) or _is_opaque(behind, words[verb]):
        return False
    return sum(word not in WORDS["glue"] for word in behind) <= _WORDS_AFTER_VERB


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
    sentence: Sentence, place: int, before: list[str], after: list[str]
) -> bool:
    """`SSO is not included`; `SSO: no`; `SSO is missing`."""
    rest = sentence.texts(place + 1, place + 5)
    if rest[:1] and rest[0] in _MARKS and rest[2:] in ([], ["."], ["|"]):
        return rest[1] in WORDS["plain_no"]
    places = _negations(after, portuguese=sentence.is_portuguese)
    if _negations(before, portuguese=sentence.is_portuguese):
        return False
    if not places:
        near = after[:4]
        is_missing = bool(WORDS["missing"].intersection(near))
        return is_missing and not _is_opaque(after[:6])
    [first, *more] = places
    if more or first > _WORDS_BEFORE_VERB or _is_opaque(after[:first]):
        return False
    if WORDS["opaque_after"].intersection(after):
        return False
    behind = after[first + 1 : first + 4]
    return bool(WORDS["absent"].intersection(behind)) and "only" not in behind


def _is_denied_ahead(sentence: Sentence, start: int) -> bool:
    """`What Lumen does not do: SSO`: the words before a colon deny what follows it."""
    ahead = sentence.texts(start - _LONGEST_HEADING, start)
    if ahead[-1:] != [":"]:
        return False
    heading = ahead[:-1]
    places = _negations(heading, portuguese=sentence.is_portuguese)
    ends_so = heading[-1:] and heading[-1] in WORDS["denied_ends"] | WORDS["missing"]
    if not ends_so or _is_opaque(heading):
        return False
    return len(places) == (0 if heading[-1] in WORDS["missing"] else 1)


def _is_not_for_you(sentence: Sentence, place: int) -> bool:
    """`Not for you if you need single sign-on`: what others need, and we send them elsewhere."""
    first = max(place - REACH, 0)
    words = sentence.texts(first, place + REACH)
    place -= first
    needs = [
        at
        for at in range(max(place - _FAR_NEED, 0), place)
        if has_phrase(words, at, WORDS["needs"])
    ]
    if not needs or _is_strange(words[needs[-1] + 1 : place]):
        return False
    return "only" not in words and any(
        has_phrase(words, at, WORDS["elsewhere"])
        for at in range(len(words))
        if not needs[0] <= at <= place
    )


def _is_strange(words: Sequence[str]) -> bool:
    """Whether more than the words of a short list stands here."""
    known = WORDS["glue"] | WORDS["joins"] | {WATCHED, ","}
    return sum(word not in known for word in words) > _MOST_STRANGE
