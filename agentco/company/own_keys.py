"""The `agentco:` map of a header, read strictly: a mistake in it leaves the file out (DESIGN appendix A)."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from enum import StrEnum
from typing import TypeVar

from agentco.company.fields import Fields, listed
from agentco.company.records import AgentOwn, CatchUp, Permissions, PromptOwn, Tier, Wake
from agentco.company.values import Quoted, Value, Where

_AMOUNT = re.compile(r"\d{1,9}(?:\.\d{1,6})?$", re.ASCII)
_Choice = TypeVar("_Choice", bound=StrEnum)


def agent_own(fields: Fields) -> AgentOwn:
    """An agent's own keys."""
    own = _Own(fields, AgentOwn.__struct_fields__)
    return AgentOwn(
        tier=own.choice("tier", Tier),
        model=own.text("model"),
        skills=own.words("skills"),
        public=own.flag("public"),
        budget_day=own.amount("budget_day"),
        permissions=own.permissions(),
    )


def prompt_own(fields: Fields) -> PromptOwn:
    """A prompt's own keys."""
    own = _Own(fields, PromptOwn.__struct_fields__)
    return PromptOwn(
        schedule=own.text("schedule"),
        timezone=own.text("timezone"),
        catch_up=own.choice("catch_up", CatchUp),
        wake=own.choice("wake", Wake),
        tier=own.choice("tier", Tier),
        budget=own.amount("budget"),
        public=own.flag("public"),
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


class _Own:
    """One map, key by key; every complaint is an error with its line."""

    def __init__(self, fields: Fields, known: tuple[str, ...]) -> None:
        self.fields = fields
        self.values: Mapping[str, Value] = {}
        value = fields.take("agentco")
        if isinstance(value, dict):
            self.values = value
            self._refuse_unknown(value, ("agentco",), known)
        elif value is not None or fields.dropped("agentco"):
            line = fields.lines.get("agentco")
            fields.found.error("agentco-map", "agentco: is no map of keys", "write keys below it", line)

    def text(self, key: str) -> str:
        value = self._take(key)
        if value is None or isinstance(value, str):
            return (value or "").strip()
        self._wrong(key, "text")
        return ""

    def flag(self, key: str) -> bool:
        value = self._take(key)
        if not isinstance(value, bool | None):
            self._wrong(key, "true or false")
        return value is True

    def words(self, key: str) -> tuple[str, ...] | None:
        return self._words(self._take(key), key)

    def choice(self, key: str, kind: type[_Choice]) -> _Choice | None:
        value = self._take(key)
        if isinstance(value, str) and value in tuple(kind):
            return kind(value)
        if value is not None:
            self._wrong(key, " or ".join(kind))
        return None

    def amount(self, key: str) -> int | None:
        value = self._take(key)
        amount = micro_dollars(value)
        if amount is None and value is not None:
            self._wrong(key, "an amount in dollars such as 2.50, without quotes")
        return amount

    def permissions(self) -> Permissions:
        value = self._take("permissions")
        if not isinstance(value, dict):
            if value is not None:
                self._wrong("permissions", "a map of allow, ask and deny")
            return Permissions()
        known = Permissions.__struct_fields__
        self._refuse_unknown(value, ("agentco", "permissions"), known)
        return Permissions(**{k: self._words(value.get(k), "permissions") or () for k in known})

    def _words(self, value: Value, key: str) -> tuple[str, ...] | None:
        if isinstance(value, str):
            return listed(value)
        if isinstance(value, list) and all(isinstance(item, str) for item in value):
            return tuple(item.strip() for item in value if isinstance(item, str))
        if value is not None:
            self._wrong(key, "a list of strings")
        return None

    def _take(self, key: str) -> Value:
        if (line := self.fields.document.lines.get(("agentco", key))) and key in self.values:
            self.fields.lines[f"agentco.{key}"] = line
        return self.values.get(key)

    def _wrong(self, key: str, wanted: str) -> None:
        line = self.fields.lines.get(f"agentco.{key}")
        self.fields.found.error("agentco-value", f"agentco: {key!r} is not {wanted}", f"write {wanted}", line)

    def _refuse_unknown(self, value: Mapping[str, Value], where: Where, known: tuple[str, ...]) -> None:
        for key in value.keys() - set(known):
            line = self.fields.document.lines.get((*where, key))
            what = f"unknown key {key!r} under {'.'.join(map(str, where))}:"
            self.fields.found.error("agentco-key", what, did_you_mean(key, known), line)
