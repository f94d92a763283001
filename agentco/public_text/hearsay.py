"""What is said by others, was said once, or holds for anybody: `quem diz que é sempre …`."""

from agentco.public_text.clauses import (
    REACH,
    WATCHED,
    SentenceWords,
    any_word,
    has_phrase,
)
from agentco.public_text.denials import find_negations
from agentco.public_text.names import Names, speaks_of_us

_SHORT = 3
_TURNS = frozenset({"but", "mas", ";", ":", "because", "porque"})
_INFINITIVES = frozenset(
    {"being", "becoming", "getting", "staying", "estar", "ser", "ter"}
)
_MARKED_WORDS = frozenset({"#", WATCHED, "-"})


def is_hearsay(sentence: SentenceWords, place: int, names: Names) -> bool:
    """Whether the watched word at a place is told of others, of the past, or of anybody."""
    is_told = _is_told(sentence, place, names)
    return is_told or _is_in_general(sentence, place, names)


def _is_told(sentence: SentenceWords, place: int, names: Names) -> bool:
    """`Quem diz que é sempre …`, `we used to say it is …`: what is said, and not by us today."""
    before = sentence.texts(max(place - REACH, 0), place)
    for at in range(len(before) - 1, -1, -1):
        if before[at] in _TURNS:
            return False
        is_past = has_phrase(before, at, "past_sayings")
        length = is_past or has_phrase(before, at, "sayings")
        if length:
            behind = before[at + length :]
            denied = find_negations(before[:at], portuguese=sentence.is_portuguese)
            return not denied and bool(is_past or not speaks_of_us(behind, names))
    return False


def _is_in_general(sentence: SentenceWords, place: int, names: Names) -> bool:
    """`Being certified is work`: what it is for anybody, with nothing of us before or behind."""
    ahead = [word for word in sentence.texts(0, place) if word not in _MARKED_WORDS]
    behind = sentence.texts(place + 1, place + REACH)
    if not ahead or ahead[0] not in _INFINITIVES or len(ahead) > _SHORT:
        return False
    while behind and behind[0] == WATCHED:
        behind = behind[1:]
    goes_on = any_word(behind[:_SHORT], "beings")
    return goes_on and not speaks_of_us(behind, names)
