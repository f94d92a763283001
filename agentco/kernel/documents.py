"""Parts of JSON documents (appendix C): keys are only ever added."""

from agentco.kernel.money import MICROS_PER_USD

Document = dict[str, object]


def pick_fields(value: object, *names: str) -> Document:
    """Some attributes of a value, under their own names."""
    return {name: getattr(value, name) for name in names}


def in_dollars(micros: int) -> float:
    """Micro-dollars as dollars."""
    return micros / MICROS_PER_USD
