"""Which models the settings offer for a tier, where they answer, and what they cost."""

from enum import StrEnum

from msgspec import Struct


class Wire(StrEnum):
    """How a model is spoken to."""

    OPENAI = "openai"
    SCRIPTED = "scripted"


class Rates(Struct, frozen=True, kw_only=True):
    """Micro-dollars for a million tokens."""

    input: int
    output: int


class Offer(Struct, frozen=True, kw_only=True):
    """One model that may be asked. `name` is `provider/model`; without `rates` its price is unknown."""

    name: str
    provider: str
    model: str
    wire: Wire
    api_base: str = ""
    api_key_env: str | None = None
    rates: Rates | None = None
