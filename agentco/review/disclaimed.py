"""Which watched words claim nothing of ours: a denial, a question, a goal, another's product.

In doubt a word is a claim: only what is read for certain is let pass.
"""

from collections.abc import Sequence

from msgspec import Struct

from agentco.review.clauses import (
    REACH,
    WATCHED,
    WORDS,
    SentenceWords,
    Span,
    any_word,
    has_phrase,
)
from agentco.review.denials import is_denied

_WORDS_AFTER_VERB = 3
_SHORT_ANSWER = 3
_LIKE = frozenset({"so", "as", "como", "like"})
_STOPS = frozenset({".", "!", ",", ";", "\u2013", "\u2014"})


class Names(Struct, frozen=True, kw_only=True):
    """The single words by which a text may call our products, and others."""

    ours: frozenset[str]
    others: frozenset[str]


def is_disclaimed(
    sentence: SentenceWords, place: int, following: SentenceWords | None, names: Names
) -> bool:
    """Whether the watched word at a place is no claim of ours; `following` may answer it."""
    if _affirms_later(sentence, place, following, names):
        return False
    start, _ = sentence.clause_of(place)
    start = max(start, place - REACH)
    before = sentence.texts(start, place)
    if sentence.ending == "?" and _is_asked(sentence, before, following):
        return True
    if sentence.ending != "?" and _is_goal([*_heading(sentence, start), *before]):
        return True
    return is_denied(sentence, place) or _is_others(sentence, (start, place), names)


def _affirms_later(
    sentence: SentenceWords, place: int, following: SentenceWords | None, names: Names
) -> bool:
    """Whether what follows says it of us after all: `Lumen does.`, `so are we`, `that is wrong`."""
    rest = [WATCHED, *sentence.texts(place + 1, place + REACH), "."]
    if following is not None:
        rest += [*following.texts(0, _SHORT_ANSWER + 3), "."]
    own = {*WORDS["own_subjects"], *names.ours}
    for at, word in enumerate(rest[:-2]):
        subject = rest[at + 1 : at + 3]
        if has_phrase(rest, at, "contradictions"):
            return True
        if word in _LIKE and not own.isdisjoint(subject):
            return True
        if word in own and _affirms(rest[at + 1 : at + 5]):
            return True
    return False


def _affirms(words: list[str]) -> bool:
    """Whether a verb says it, and nothing more: `does`, `has it too`."""
    if words[0] not in WORDS["auxiliaries"]:
        return False
    for word in words[1:]:
        if word not in WORDS["affirmed"]:
            return word in _STOPS
    return False


def _is_asked(
    sentence: SentenceWords, before: list[str], following: SentenceWords | None
) -> bool:
    """`Is it certified?` with no yes behind it."""
    words = sentence.beginning
    plain = has_phrase(words, 0, "plain_questions")
    if any_word(words, "rhetorical") and not plain:
        return False
    while words and words[0] in WORDS["ask_lead"]:
        words = words[1:]
    portuguese = sentence.is_portuguese or any_word(words, "portuguese_verbs")
    if not portuguese and not _asks(words, before):
        return False
    return following is None or not _says_yes(following)


def _asks(words: list[str], before: list[str]) -> bool:
    """Whether words ask, and do not state with a raised voice."""
    if has_phrase(words, 0, "plain_questions"):
        return True
    return any_word(words[:1], "asking") or any_word(before[:1], "asking")


def _says_yes(answer: SentenceWords) -> bool:
    """Whether a sentence answers yes: it begins so, or is too short to say anything else."""
    words = [word for word in answer.texts(0, REACH) if word not in {",", ".", "!"}]
    if answer.ending == "?" or not words:
        return False
    if any_word(words[:6], "denials"):
        return False
    return bool(has_phrase(words, 0, "yes")) or len(words) <= _SHORT_ANSWER


def _heading(sentence: SentenceWords, start: int) -> list[str]:
    """What stands before the colon before a clause: `Our goal:`."""
    words = sentence.texts(start - 3, start)
    return words if words[-1:] == [":"] else []


def _is_goal(before: list[str]) -> bool:
    """`We aim to be certified`: a wish, and nothing that is there already in it."""
    for at in range(len(before)):
        length = has_phrase(before, at, "goals")
        if not length:
            continue
        behind = _what_is_wished(before[at:], length)
        unknown = [word for word in behind if word not in WORDS["goal_heads"]]
        known_first = unknown[:1] != behind[:1]
        is_done = any_word(before, "done") or any_word(behind, "goal_opaque")
        if is_done or (behind and not known_first):
            continue
        if len(unknown) <= _WORDS_AFTER_VERB:
            return True
    return False


def _what_is_wished(goal: list[str], length: int) -> list[str]:
    """The words behind a goal's own; in `want Lumen to be` those behind its `to`."""
    behind = [word for word in goal[length:] if word.isalpha()]
    for at, word in enumerate(behind[:4]):
        if word in WORDS["goal_turns"] and "you" not in behind[:at]:
            return behind[at + 1 :]
    return behind


def _is_others(sentence: SentenceWords, span: Span, names: Names) -> bool:
    """`Stripe is PCI certified`: the subject is another, and nothing of it is said of us."""
    start, place = span
    words = sentence.texts(start, place)
    relative = _last_relative(words)
    if relative is not None:
        subject = sentence.texts(start + relative - 4, start + relative)
        subject = [word for word in subject if word != ","]
        is_others = bool(subject) and _is_name_or_role(subject, names)
        return is_others and not _speaks_of_us(words[relative:], names)
    verb = _first_verb(sentence, span)
    if verb is None:
        return False
    subject = words[:verb]
    if not subject and start > 0:
        wide, _ = sentence.clause_of(place, wide=True)
        subject = sentence.texts(wide, start)
    if _speaks_of_us(words[verb:], names):
        return False
    head = subject[: subject.index(",")] if "," in subject else subject
    return _names_other(head, names) and not _speaks_of_us(subject, names)


def _last_relative(words: list[str]) -> int | None:
    """Where the last `which` stands with a verb behind it."""
    for at in range(len(words) - 2, -1, -1):
        if words[at] in WORDS["relatives"] and words[at + 1] in WORDS["finite"]:
            return at
    return None


def _first_verb(sentence: SentenceWords, span: Span) -> int | None:
    """Where the first verb of a clause stands, which may be the watched word itself."""
    start, place = span
    for at, word in enumerate(sentence.words[start : place + 1]):
        if word.text in WORDS["finite"] or word.said in WORDS["watched_verbs"]:
            return at
    return None


def _names_other(subject: list[str], names: Names) -> bool:
    """Whether the last word of a subject is somebody else, or something of theirs."""
    nouns = subject
    for at, word in enumerate(subject):
        if word in WORDS["subject_ends"]:
            nouns = subject[:at]
            break
    if not nouns:
        return False
    if "'s" in nouns[1:]:
        return _is_name_or_role(nouns[: nouns.index("'s")], names)
    if _is_name_or_role(nouns, names):
        return True
    return nouns[0] in WORDS["generic"] and nouns[-1] in WORDS["generic_things"]


def _is_name_or_role(nouns: list[str], names: Names) -> bool:
    """Whether words end with a name or role of somebody else."""
    phrases = {" ".join(nouns[-2:]), " ".join(nouns[-3:])}
    if WORDS["role_phrases"] & phrases:
        return True
    return nouns[-1] in WORDS["others"] | WORDS["roles"] | names.others


def _speaks_of_us(words: Sequence[str], names: Names) -> bool:
    """Whether words name us, beyond an `our host` that is somebody else."""
    own = WORDS["ours"] | names.ours
    for at, word in enumerate(words):
        if word in own:
            return True
        if word in WORDS["possessives"]:
            near = words[at + 1 : at + 4]
            phrases = [" ".join(near[:2]), " ".join(near[1:3]), " ".join(near)]
            is_role = any_word(near, "roles")
            if not is_role and not any_word(phrases, "role_phrases"):
                return True
    return False
