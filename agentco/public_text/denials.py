"""What is denied: `we are not certified`, `no SSO`, `not for you if you need SSO`.

One negation that reaches the word for certain; two undo each other, and in doubt nothing is denied.
"""

from collections.abc import Sequence

from agentco.public_text.clauses import (
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
        or _is_far_from(sentence, before, after)
        or _is_unpromised(sentence, start, place)
        or _is_not_for_you(sentence, place)
    )


def find_negations(words: Sequence[str], *, portuguese: bool) -> list[int]:
    """Where a clause is negated; words that deny together count once."""
    places: list[int] = []
    for at, word in enumerate(words):
        if word not in WORDS["negations"] or (word == "no" and portuguese):
            continue
        if has_phrase(words, at, "no_negation"):
            continue
        if places and _agrees(words, at):
            continue
        together = places and {word, words[places[-1]]} <= WORDS["concord"]
        if not together or word == "nao":
            places.append(at)
    return places


def _agrees(words: Sequence[str], at: int) -> bool:
    """Whether a negation says the same of somebody else: `e nós também não`, `nor do we`."""
    return bool(
        has_phrase(words, at, "agreeing") or has_phrase(words, at - 1, "agreeing")
    )


def _is_denied(sentence: SentenceWords, before: list[str], after: list[str]) -> bool:
    """`We are not certified`; `no SSO`; `nobody has audited us`: one negation that reaches it."""
    places = find_negations(
        [*before, WATCHED, *after], portuguese=sentence.is_portuguese
    )
    if len(places) != 1 or places[0] >= len(before):
        return False
    if sentence.ending == "?" and sentence.beginning[0] not in {"why", "porque"}:
        return False
    [place] = places
    is_doubted = any_word(before, "doubts") or any_word(after, "opaque_after")
    if is_doubted or _is_unreal(sentence, before[:place]):
        return False
    between = _without_aside(before[: place + 1], before[place + 1 :])
    between = _reached_list(between, after)
    if between is None or not _is_sought(between, after):
        return False
    return _reaches(before[: place + 1], between, after)


def _reaches(negated: list[str], between: list[str], after: list[str]) -> bool:
    """Whether the negation that ends `negated` reaches over what stands between."""
    word = negated[-1]
    reached = between
    if word in WORDS["subject_negations"]:
        if any_word(after, "compare"):
            return False
        reached = [one for one in between if one not in WORDS["clitics"]]
    being = any_word(negated[-2:-1], "beings")
    return _lets_through(reached, word, being=being)


def _is_unpromised(sentence: SentenceWords, start: int, place: int) -> bool:
    """`I can't promise you will never lose one`: what we say that we do not say."""
    before = sentence.texts(max(start, place - REACH), place)
    places = find_negations(before, portuguese=sentence.is_portuguese)
    if len(places) != 1 or sentence.ending == "?":
        return False
    said = before[places[0] + 1 : places[0] + 3]
    behind = before[places[0] + 2 :]
    if not any_word(said, "unpromised") or len(behind) > _FAR_NEED:
        return False
    return not any_word([*said, *behind], "unpromised_not")


def _is_unreal(sentence: SentenceWords, earlier: list[str]) -> bool:
    """Whether `if we were not certified, you would …` says that it is so."""
    words = sentence.beginning
    return any_word(earlier[:2], "unreal") and any_word(words, "would")


def _without_aside(negated: list[str], between: list[str]) -> list[str]:
    """What stands behind a negation, without the comma that ends an aside: `, nor do we, offer`."""
    is_aside = any_word(negated[:-1], "aside_joins") or any_word(negated, "aside_nors")
    commas = between.count(",")
    if between[:1] == [","] and commas == len(("before", "behind")):
        return between[between.index(",", 1) + 1 :]
    if not is_aside or commas != 1 or not any_word(between, "heads"):
        return between
    return [word for word in between if word != ","]


def _is_sought(between: list[str], after: list[str]) -> bool:
    """Whether nothing narrows what one will not find: `no SLA here`, not `no SLA as good`."""
    if not any_word(between, "seekers"):
        return True
    rest = after[: first_of(after, "breaks")]
    return all(word in WORDS["seek_rest"] for word in rest)


def _is_far_from(sentence: SentenceWords, before: list[str], after: list[str]) -> bool:
    """`Far from certified`; `longe de ser inviolável`; `we stopped offering refunds`."""
    for at in range(len(before) - 1, -1, -1):
        length = has_phrase(before, at, "denying")
        if length:
            between = before[at + length :]
            earlier = find_negations(before[:at], portuguese=sentence.is_portuguese)
            reaches = not any(word in WORDS["finite"] for word in between)
            reaches = reaches and not any_word(between, "negations")
            known = WORDS["heads"] | WORDS["clitics"] | {WATCHED}
            strange = [word for word in _strange_words(between) if word not in known]
            return reaches and not (
                strange or earlier or any_word(after, "opaque_after")
            )
    return False


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
    places = find_negations(after, portuguese=sentence.is_portuguese)
    if find_negations(before, portuguese=sentence.is_portuguese):
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
    behind = rest[3:] if any_word(rest[2:3], "absent") else rest[2:]
    ends = behind in ([], ["."], ["|"])
    return ends and rest[1] in WORDS["plain_no"]


def _is_denied_ahead(sentence: SentenceWords, start: int) -> bool:
    """`What Lumen does not do: SSO`: the words before a colon deny what follows it."""
    ahead = sentence.texts(start - _LONGEST_HEADING, start)
    if ahead[-1:] != [":"]:
        return False
    heading = ahead[:-1]
    places = find_negations(heading, portuguese=sentence.is_portuguese)
    if _is_opaque(heading):
        return False
    if any_word(heading[-1:], "heading_missing"):
        return places in ([], [len(heading) - 1])
    return len(places) == 1 and any_word(heading[-1:], "denied_ends")


def _is_not_for_you(sentence: SentenceWords, place: int) -> bool:
    """`Not for you if you need single sign-on`: what others need, and we send them elsewhere."""
    first = max(place - REACH, 0)
    words = sentence.texts(first, place + REACH)
    place -= first
    start = _need_of(words, place)
    if start is None or "only" in words:
        return False
    return any(
        has_phrase(words, at, "elsewhere")
        for at in range(len(words))
        if not start <= at <= place
    )


def _need_of(words: Sequence[str], place: int) -> int | None:
    """Where what needs a word begins: `you need SSO`, `if SSO is a must`; None if nothing does."""
    needs = [
        at
        for at in range(max(place - _FAR_NEED, 0), place)
        if has_phrase(words, at, "needs")
    ]
    if needs and not _is_strange(words[needs[-1] + 1 : place]):
        return needs[0]
    behind = words[place + 1 : place + 4]
    needed = any(has_phrase(behind, at, "needs_behind") for at in range(len(behind)))
    start = first_of(words[max(place - 3, 0) : place], "conditions")
    return max(place - 3, 0) + start if needed and start is not None else None


def _is_strange(words: Sequence[str]) -> bool:
    """Whether more than the words of a short list stands here."""
    known = WORDS["joins"] | {WATCHED, ","}
    strange = [word for word in _strange_words(words) if word not in known]
    return len(strange) > _MOST_STRANGE
