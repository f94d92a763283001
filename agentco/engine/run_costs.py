"""What a run usually costs, and when one cost far more."""

from statistics import median

from agentco.kernel.money import MICROS_PER_USD
from agentco.ports.store import Transaction

RUNS_OF_A_PROMPT = 20
"""A prompt usually costs the median of so many runs."""
SIMILAR_RUNS, UNUSUAL_FACTOR = 10, 3
"""A run is unusually costly at so many times the median of so many runs like it."""


def usual_cost_usd(tx: Transaction, prompt: str) -> float | None:
    """Return what a run of a prompt usually costs in dollars, None before the first one is over."""
    costs = tx.costs_of_prompt(prompt, RUNS_OF_A_PROMPT)
    return median(costs) / MICROS_PER_USD if costs else None


def is_unusually_costly(tx: Transaction, root: str) -> bool:
    """Whether a root run cost three times the median of its agent's last ten like it."""
    costs = tx.costs_of_similar_runs(root, SIMILAR_RUNS)
    if len(costs) < SIMILAR_RUNS:
        return False
    usual = median(costs)
    return tx.spent_in_scope(f"run:{root}") >= UNUSUAL_FACTOR * usual > 0
