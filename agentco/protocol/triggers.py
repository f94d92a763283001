"""Which words in whose work call for whose review."""

from msgspec import Struct


class Fired(Struct, frozen=True, kw_only=True):
    """A trigger that a text calls for.

    `words` are as they stand in the text, each once; `line` is the first one's, from 1. All of `consult`
    review it, and one of `any_of`.
    """

    trigger: str
    words: tuple[str, ...]
    line: int
    consult: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
