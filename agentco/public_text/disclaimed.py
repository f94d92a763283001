"""Which watched words claim nothing of ours: a denial, a question, a goal, another's product.

In doubt a word is a claim: only what is read for certain is let pass.
"""

from agentco.public_text.clauses import (
    REACH,
    WATCHED,
    WORDS,
    SentenceWords,
    Span,
    any_word,
    first_of,
    has_phrase,
)
from agentco.public_text.denials import find_negations, is_denied
from agentco.public_text.hearsay import is_hearsay
from agentco.public_text.names import Names, speaks_of_us
from agentco.public_text.senses import means_other
from agentco.public_text.suppositions import is_supposed
from agentco.public_text.surroundings import is_refused, without_label

_WORDS_AFTER_VERB = 3
_SHORT_ANSWER = 3
_FAR_VERB = 7
_LIKE = frozenset({"so", "as", "como", "like"})
_ARTICLES = frozenset({"the", "a", "an", "o", "os", "as"})
_APPOSED = _ARTICLES | {"um", "uma", "empresa", "company"}
_MARKED = (",", "(")
_STOPS = frozenset({".", "!", ",", ";", "\u2013", "\u2014"})


def is_disclaimed(
    sentence: SentenceWords, place: int, following: SentenceWords | None, names: Names
) -> bool:
    """Whether the watched word at a place is no claim of ours; `following` may answer it."""
    if _affirms_later(sentence, place, following, names):
        return False
    if means_other(sentence, place, names) or is_hearsay(sentence, place, names):
        return True
    start, _ = sentence.clause_of(place)
    start = max(start, place - REACH)
    before = sentence.texts(start, place)
    if is_refused(sentence, following) or _is_wondered(before, following):
        return True
    if sentence.ending == "?" and _is_asked(sentence, before, following):
        return True
    if is_wished(sentence, place) or is_supposed(sentence, place):
        return True
    return is_denied(sentence, place) or _is_others(sentence, (start, place), names)


def is_wished(sentence: SentenceWords, place: int) -> bool:
    """Whether the watched word at a place is only a goal or a wish."""
    if sentence.ending == "?":
        return False
    start, _ = sentence.clause_of(place)
    start = max(start, place - REACH)
    before = sentence.texts(start, place)
    said = [*_heading(sentence, start), *before]
    after = sentence.texts(place + 1, place + _FAR_VERB)
    is_goal = _is_goal(said) or _is_goal_named(said)
    return is_goal or _is_goal_behind(before, after)


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
    words = _question_of(sentence)
    plain = has_phrase(words, 0, "plain_questions")
    if any_word(words, "rhetorical") and not plain:
        return False
    while words and words[0] in WORDS["ask_lead"]:
        words = words[1:]
    portuguese = sentence.is_portuguese or any_word(words, "portuguese_verbs")
    if not portuguese and not _asks(words, before):
        return False
    return following is None or not _says_yes(following)


def _is_wondered(before: list[str], following: SentenceWords | None) -> bool:
    """`A visitor asked whether we are certified. I do not know.`: asked, and a no behind it."""
    if following is None or not any(
        has_phrase(before, at, "asked_whether") for at in range(len(before))
    ):
        return False
    answer = following.texts(0, REACH)
    return bool(find_negations(answer, portuguese=following.is_portuguese))


def _question_of(sentence: SentenceWords) -> list[str]:
    """The words of a question, without what leads to it: `A question for clinics: …`."""
    words = without_label(sentence.beginning)
    ahead = words.index(":") if ":" in words else -1
    if ahead >= 0 and any_word(words[:ahead], "question_leads"):
        words = words[ahead + 1 :]
        if any_word(words[:1], "asking_late") and "," in words:
            words = words[words.index(",") + 1 :]
    return words


def _asks(words: list[str], before: list[str]) -> bool:
    """Whether words ask, and do not state with a raised voice."""
    if has_phrase(words, 0, "plain_questions"):
        return True
    return any_word(words[:1], "asking") or any_word(before[:1], "asking")


def _says_yes(answer: SentenceWords) -> bool:
    """Whether a sentence answers yes: it begins so, or is too short to say anything else."""
    words = without_label(answer.texts(0, REACH))
    words = [word for word in words if word not in {",", ".", "!"}]
    if answer.ending == "?" or not words:
        return False
    if any_word(words[:6], "denials"):
        return False
    return bool(has_phrase(words, 0, "yes")) or len(words) <= _SHORT_ANSWER


def _is_goal_named(before: list[str]) -> bool:
    """`The goal for next year: an SLA`; `o objetivo para 2027 é a certificação`."""
    at = first_of(before, "goal_nouns")
    if at is None or any_word(before, "done"):
        return False
    verb = first_of(before[at + 1 : at + _FAR_VERB], "goal_verbs")
    if verb is None:
        return False
    behind = before[at + verb + 2 :]
    return all(word in WORDS["goal_heads"] or word == WATCHED for word in behind)


def _is_goal_behind(before: list[str], after: list[str]) -> bool:
    """`Getting certified is our goal`; `SOC 2 is on our list`."""
    is_bare = all(word in WORDS["goal_heads"] for word in before)
    near = after[1:] if after[:1] == [WATCHED] else after
    closes = any(
        " ".join(near[:size]) in WORDS["goal_closings"] for size in range(3, 6)
    )
    return is_bare and closes and not any_word(near[4:], "generic_things")


def _heading(sentence: SentenceWords, start: int) -> list[str]:
    """What stands before the colon before a clause: `Our goal:`."""
    words = sentence.texts(start - _FAR_VERB, start)
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
        if not subject or not _is_name_or_role(subject, names):
            return False
        return not speaks_of_us(words[relative:], names)
    is_theirs = _is_possessed(sentence, span, names) or _is_apposed(
        sentence, place, names
    )
    if is_theirs or _is_had_with(words, names):
        return True
    verb = _first_verb(sentence, span)
    if verb is None:
        return False
    subject = words[:verb]
    if not subject and start > 0:
        wide, _ = sentence.clause_of(place, wide=True)
        subject = sentence.texts(wide, start)
    if speaks_of_us(words[verb:], names):
        return False
    while subject and subject[0] in WORDS["conditions"]:
        subject = subject[1:]
    head, _, aside = " ".join(subject).partition(" , ")
    named = [part.split() for part in (head, aside.removesuffix(" ,")) if part]
    is_other = any(_names_other(part, names) for part in named)
    return is_other and not speaks_of_us(subject, names)


def _is_possessed(sentence: SentenceWords, span: Span, names: Names) -> bool:
    """`Stripe's certification`; `the SLA of our host`; `a certificação da Stripe`."""
    start, place = span
    before = [word for word in sentence.texts(start, place) if word != WATCHED]
    if "'s" in before:
        at = before.index("'s")
        owner = before[:at]
        near = len(before) - at <= _SHORT_ANSWER
        return near and bool(owner) and _is_name_or_role(owner, names)
    behind = [word for word in sentence.texts(place + 1, place + 8) if word != WATCHED]
    if _belongs_to_other(behind, names):
        return True
    if any(word not in _ARTICLES for word in before) or not behind:
        return False
    owner = [
        word for word in behind[1:3] if word not in _ARTICLES | WORDS["possessives"]
    ]
    is_of = behind[0] in {"of", "da", "do", "de"} and bool(owner)
    return is_of and _is_name_or_role(owner[:1], names)


def _belongs_to_other(behind: list[str], names: Names) -> bool:
    """`belongs to our host`; `is Hetzner's, not ours`."""
    known = _ARTICLES | WORDS["possessives"]
    length = has_phrase(behind, 0, "belongs")
    if length:
        owner = [word for word in behind[length : length + 2] if word not in known]
        if not owner:
            return False
        return _is_name_or_role(owner[:1], names)
    is_named = (
        behind[:1] == ["is"] and behind[2:3] == ["'s"] and behind[3:4] in ([","], ["."])
    )
    return is_named and _is_name_or_role(behind[1:2], names)


def _is_apposed(sentence: SentenceWords, place: int, names: Names) -> bool:
    """`Stripe, a PCI DSS certified company`; `Hetzner (ISO 27001 certified)`."""
    before = sentence.texts(max(place - REACH, 0), place)
    apposed: list[str] = []
    while before and before[-1] in _APPOSED | {WATCHED}:
        apposed.append(before.pop())
    if len(before) < len(_MARKED) or before[-1] not in _MARKED:
        return False
    noun = any(word != WATCHED for word in apposed)
    return (noun or before[-1] == "(") and _is_name_or_role([before[-2]], names)


def _is_had_with(words: list[str], names: Names) -> bool:
    """`With Dropbox you get unlimited storage`."""
    if len(words) < _SHORT_ANSWER or words[0] not in WORDS["with_other"]:
        return False
    gives = has_phrase(words, 2, "other_gives")
    if not gives:
        return False
    name = words[1:2]
    return _is_name_or_role(name, names)


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
    if _is_role_phrase(subject):
        return True
    nouns = subject[1:] if subject[:1] and subject[0] in _ARTICLES else subject
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
    return _is_anybody(subject[0], nouns)


def _is_anybody(first: str, nouns: list[str]) -> bool:
    """Whether nouns are any product at all, many, or `their plan`."""
    last = nouns[-1]
    if first in WORDS["generic_one"] and last in WORDS["generic_one_things"]:
        return True
    if nouns[0] in WORDS["theirs"]:
        return last in WORDS["their_things"]
    return nouns[0] in WORDS["generic"] and last in WORDS["generic_things"]


def _is_role_phrase(subject: list[str]) -> bool:
    """Whether a subject is a role of several words, `o centro de dados`, and nothing else."""
    bare = [word for word in subject if word not in _ARTICLES | WORDS["possessives"]]
    return " ".join(bare) in WORDS["role_phrases"]


def _is_name_or_role(nouns: list[str], names: Names) -> bool:
    """Whether words end with a name or role of somebody else."""
    phrases = {" ".join(nouns[-2:]), " ".join(nouns[-3:])}
    if WORDS["role_phrases"] & phrases:
        return True
    others = WORDS["others"] | names.others
    if nouns[-1] in others | WORDS["roles"]:
        return True
    is_pair = len(nouns) == len(("google", "drive"))
    return is_pair and nouns[0] in others and nouns[1] not in WORDS["ours_of_others"]
