"""What is only supposed: `if we offered an SLA, we would …`, `if we ever get certified`."""

from collections.abc import Sequence

from msgspec import Struct, structs

from agentco.kernel import package_data
from agentco.public_text.clauses import REACH, SentenceWords, Words
from agentco.public_text.denials import find_negations


class _Kinds(Struct, frozen=True, forbid_unknown_fields=True):
    """Words and phrases of what is only supposed."""

    conditions: Words
    counterfactual: Words
    ever: Words
    future: Words
    pending: Words
    pending_heads: Words
    suppose_heads: Words
    would: Words


_TABLE: dict[str, Words] = structs.asdict(package_data.load_table(__name__, _Kinds))
_LONGEST_CLAUSE = 8


def is_supposed(sentence: SentenceWords, place: int) -> bool:
    """`If we offered an SLA, we would …`, `if we ever get certified`: it is not so."""
    if _is_awaited(sentence, place):
        return True
    first = max(place - _LONGEST_CLAUSE, 0)
    words = sentence.texts(first, place)
    starts = [at for at, word in enumerate(words) if word in _TABLE["conditions"]]
    if not starts:
        return False
    between = words[starts[-1] + 1 :]
    rest = sentence.texts(place + 1, place + REACH)
    if find_negations(between, portuguese=sentence.is_portuguese):
        return False
    strange = [word for word in between if word not in _TABLE["suppose_heads"]]
    if strange or words[starts[-1]] == "unless":
        return False
    if _any_of(between, "ever"):
        return True
    is_unreal = _any_of([*between, *words[starts[-1] :][:1]], "counterfactual")
    return is_unreal and _any_of(rest, "would")


def _is_awaited(sentence: SentenceWords, place: int) -> bool:
    """`Once we are certified, we will tell you`: it is said of us, and is still to come."""
    words = sentence.texts(0, place)
    if not words or place >= _LONGEST_CLAUSE:
        return False
    starts = [" ".join(words[:size]) for size in range(1, 4)]
    length = next(
        (at for at, one in enumerate(starts, 1) if one in _TABLE["pending"]), 0
    )
    between = words[length:]
    said = sentence.words[place].said
    is_act = said.startswith(("encr", "guarant", "garant", "cifr", "refund", "reemb"))
    if not length or is_act or not _TABLE["pending_heads"].issuperset(between):
        return False
    rest = sentence.texts(place + 1, place + REACH)
    return len(between) > 1 and _any_of(rest, "future")


def _any_of(words: Sequence[str], kind: str) -> bool:
    """Whether any phrase of a kind stands among words."""
    text = f" {' '.join(words)} "
    phrases = _TABLE[kind]
    return any(f" {phrase} " in text for phrase in phrases)
