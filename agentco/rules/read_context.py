"""How much of a prompt a model read, and how much it reads as its own counts showed."""

from datetime import datetime, timedelta

from msgspec import Struct

from agentco.runs.model_messages import TokenUsage

LEARNED_FOR = timedelta(days=1)
"""So long holds what nobody said: a server may have been started anew with more."""
LEAST_LOSS = 256
"""Tokens: what is less may be no more than the tokenizer's own way to count."""
LEAST_WINDOW = 2000
"""Tokens: no server that answers a department reads less; such a count is made up."""
WINDOW_STEPS = (256, 1000)
"""Whoever sets how much a model reads, sets a multiple of one of these."""


class LearnedContext(Struct, frozen=True, kw_only=True):
    """How many tokens a model took of a prompt of about `sent`, whatever was known of it before.

    `claimed` is how many it was said to take then, `at` when that was.
    """

    model: str
    tokens: int
    sent: int
    claimed: int
    at: datetime

    def is_fresh(self, now: datetime) -> bool:
        """Whether it still counts where nobody says anything else."""
        return now < self.at + LEARNED_FOR

    def still_holds(self, claimed: int, now: datetime) -> bool:
        """Whether it counts more than what is said now of how much the model takes."""
        return self.is_fresh(now) and self.tokens < claimed == self.claimed


def is_truncated(usage: TokenUsage, fewest: int, least: int) -> bool:
    """Whether a server dropped a part of a prompt that no tokenizer counts under `fewest` tokens.

    A count that is a usual window is taken at its word. Any other under `least` is no count of a
    prompt at all; a cache may be counted apart from what it is a part of.
    """
    read = usage.input
    if read < LEAST_WINDOW:
        return False
    if any(not read % step for step in WINDOW_STEPS):
        return read + LEAST_LOSS <= fewest * 4 // 3
    apart = usage.cached + usage.written
    return least <= read and read + apart + LEAST_LOSS <= fewest
