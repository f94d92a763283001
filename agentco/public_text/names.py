"""Who is meant: us and our products, or somebody else."""

from collections.abc import Sequence

from msgspec import Struct

from agentco.public_text.clauses import WORDS, any_word


class Names(Struct, frozen=True, kw_only=True):
    """The single words by which a text may call our products, and others."""

    ours: frozenset[str]
    others: frozenset[str]


def speaks_of_us(words: Sequence[str], names: Names) -> bool:
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
