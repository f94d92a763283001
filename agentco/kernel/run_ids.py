"""Ids of runs and effects say where they belong.

A root run has a name such as `k3f9`, its fourth effect is `k3f9.4`, and a child run bears the id
of the effect that started it.
"""


def effect_id(run_id: str, number: int) -> str:
    """The id of a run's effect, and of the child run that it may start."""
    return f"{run_id}.{number}"


def root_of(any_id: str) -> str:
    """The root run that a run or an effect belongs to; a root is its own."""
    return any_id.partition(".")[0]


def parent_of(any_id: str) -> str:
    """The run that an effect belongs to or that started a child run; empty for a root."""
    return any_id.rpartition(".")[0]


def number_of(effect: str) -> int:
    """The number of an effect within its run; 0, which no effect has, if the id has none."""
    number = effect.rpartition(".")[2]
    return int(number) if "." in effect and number.isdecimal() else 0


def is_within(any_id: str, ancestor: str) -> bool:
    """Whether a run or an effect is a run itself or anywhere below it."""
    return any_id == ancestor or any_id.startswith(f"{ancestor}.")
