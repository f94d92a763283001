"""The `agentco:` map of a header, read strictly: a mistake in it leaves the file out (DESIGN appendix A)."""

import re
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from agentco.company.fields import Fields
from agentco.company.records import AgentOwn, CatchUp, Permissions, PromptOwn, Tier, Wake
from agentco.company.values import Quoted, Value

_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,6})?$", re.ASCII)
_Choice = TypeVar("_Choice", bound=StrEnum)


def agent_own(fields: Fields) -> AgentOwn:
    """An agent's own keys."""
    if not _given(fields):
        return AgentOwn()
    own = _below(fields, "agentco", AgentOwn.__struct_fields__)
    rules = _below(own, "permissions", Permissions.__struct_fields__)
    return AgentOwn(
        tier=_choice(own, "tier", Tier),
        model=own.text("model"),
        skills=own.words("skills"),
        public=own.flag("public") is True,
        budget_day=_amount(own, "budget_day"),
        permissions=Permissions(**{key: rules.words(key) or () for key in Permissions.__struct_fields__}),
    )


def prompt_own(fields: Fields) -> PromptOwn:
    """A prompt's own keys."""
    if not _given(fields):
        return PromptOwn()
    own = _below(fields, "agentco", PromptOwn.__struct_fields__)
    return PromptOwn(
        schedule=own.text("schedule"),
        timezone=own.text("timezone"),
        catch_up=_choice(own, "catch_up", CatchUp),
        wake=_choice(own, "wake", Wake),
        tier=_choice(own, "tier", Tier),
        budget=_amount(own, "budget"),
        public=own.flag("public") is True,
        produces=own.words("produces") or (),
    )


def micro_dollars(value: Value) -> int | None:
    """An amount as people write it, `2.50`; None for anything else, quoted or negative ones too."""
    if not isinstance(value, str) or isinstance(value, Quoted) or not _AMOUNT.match(value):
        return None
    whole, _, part = value.partition(".")
    return int(whole) * 1_000_000 + int(part.ljust(6, "0"))


def did_you_mean(word: str, known: tuple[str, ...]) -> str:
    """A hint with the nearest known word, or with all of them."""
    near = get_close_matches(word, known, n=1)
    return f"did you mean {near[0]!r}?" if near else f"known here: {', '.join(known)}"


def _given(fields: Fields) -> bool:
    return fields.actual("agentco") is not None or fields.unreadable("agentco")


def _below(fields: Fields, key: str, known: tuple[str, ...]) -> Fields:
    """The keys of the map `key`; any that is not known is an error."""
    value = fields.take(key)
    if fields.unreadable(key) or not isinstance(value, dict | None):
        fields.found.error(
            "agentco-map", f"{key}: is no map of keys", "write keys below it", fields.line(key)
        )
    inner = fields.below(key, value if isinstance(value, dict) else {})
    for name in inner.values.keys() - set(known):
        line = fields.document.lines[*inner.where, name]
        what = f"unknown key {name!r} under {'.'.join(inner.where)}:"
        fields.found.error("agentco-key", what, did_you_mean(name, known), line)
    return inner


def _choice(own: Fields, key: str, kind: type[_Choice]) -> _Choice | None:
    value = own.take(key)
    if isinstance(value, str) and value in tuple(kind):
        return kind(value)
    return own.wrong(key, value, " or ".join(kind))


def _amount(own: Fields, key: str) -> int | None:
    value = own.take(key)
    amount = micro_dollars(value)
    return (
        own.wrong(key, value, "an amount in dollars such as 2.50, without quotes")
        if amount is None
        else amount
    )
