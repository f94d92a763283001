"""Plain YAML data into frozen structs: every mistake at once, with its line and what to write instead.

A field's type says what is read: `str`, `bool`, `int` (from 0 up), a StrEnum or Literal, a Struct, `tuple[T, ...]`,
`dict[str, T]`, `T | None`, or `Annotated[T, read]` with a function that raises ValueError with the words for
what it expects.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from agentco.company import amounts, source_file
from agentco.company.yaml_values import Value, Where, listed, written
from agentco.kernel.errors import Level, close_to

T = TypeVar("T", bound=Struct)
Usd = Annotated[int, amounts.usd]
_FROM_ZERO = Annotated[int, amounts.whole(0)]
_FLAGS = {"true": True, "false": False}


class Unfit(ValueError):
    """A value that does not fit; says what was expected."""


class Reader:
    """Reads one file's data; a value that does not fit is told and left out.

    Our own keys are read strictly: a mistake is an ERROR. A `foreign` reader warns, keeps unknown keys in
    the field `extra`, and understands flags in quotes and lists with commas.
    """

    def __init__(
        self,
        found: source_file.Findings,
        lines: Mapping[Where, int],
        *,
        foreign: bool = False,
    ) -> None:
        self.found = found
        self.lines = lines
        self.foreign = foreign

    def struct(self, kind: type[T], data: Value, path: Where = (), **known: Any) -> T:
        """`data` as `kind`, with defaults for what is missing or wrong; no key sets a `known` field."""
        if not isinstance(data, dict | None):
            what = f"{_name(path)} must be a list of `key: value` lines"
            self.report(path, "wrong-type", what, "see docs/settings.md")
        keys = data if isinstance(data, dict) else {}
        fields_, values = _fields(kind), dict(known)
        for key, value in keys.items():
            if key not in fields_:
                self._unknown((*path, key), fields_)
            elif value is not None and fields_[key].name not in known:
                self._keep(
                    values, fields_[key].name, fields_[key].type, value, (*path, key)
                )
        if "extra" in fields_:
            values["extra"] = {
                key: value for key, value in keys.items() if key not in fields_
            }
        return kind(**values)

    def one(self, hint: Any, value: Value, path: Where) -> Any:
        """One value, or None when it is wrong."""
        into: dict[str, Any] = {}
        self._keep(into, "", hint, value, path)
        return into.get("")

    def report(self, path: Where, code: str, message: str, hint: str) -> None:
        """Tell it at the line of `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        level = Level.WARNING if self.foreign else Level.ERROR
        self.found.tell(level, code, message, hint, self.lines.get(path, 1))

    def _unknown(self, path: Where, known: Iterable[str]) -> None:
        if not self.foreign:
            hint = close_to(
                str(path[-1]), known, "the keys here are " + ", ".join(known)
            )
            self.report(path, "unknown-key", f"unknown key {_name(path)!r}", hint)

    def _keep(
        self, into: dict[str, Any], key: str, hint: Any, value: Value, path: Where
    ) -> None:
        try:
            into[key] = self._read(hint, value, path)
        except ValueError as expected:
            ignored = f"{_name(path)!r} is not {expected} and is ignored"
            refused = f"{_name(path)}: {_seen(value)} is not {expected}"
            self.report(
                path,
                "wrong-value",
                ignored if self.foreign else refused,
                f"write {expected}",
            )

    def _read(self, hint: Any, data: Value, path: Where) -> Any:
        """`data` as `hint`. Raises ValueError with what was expected."""
        origin, args = get_origin(hint), get_args(hint)
        if hint is Any or (data is None and NoneType in args):
            return data
        if origin in {Union, UnionType}:
            return self._read(next(a for a in args if a is not NoneType), data, path)
        if origin is tuple:
            return self._items(args[0], data, path)
        if origin is dict:
            return self._entries(args[1], data, path)
        if origin is None and issubclass(hint, Struct):
            return self.struct(hint, data, path)
        return self._scalar(hint, data)

    def _items(self, hint: Any, data: Value, path: Where) -> tuple[Any, ...]:
        """A list as a tuple; of our own lists a wrong item is left out, a foreign one is wrong as a whole."""
        if self.foreign and isinstance(data, str):
            return listed(data)
        if not isinstance(data, list):
            raise Unfit("a list such as [one, two]")
        if self.foreign:
            return tuple(self._read(hint, item, path) for item in data)
        kept: dict[str, Any] = {}
        for i, item in enumerate(data):
            self._keep(kept, str(i), hint, item, (*path, i))
        return tuple(kept.values())

    def _entries(self, hint: Any, data: Value, path: Where) -> dict[str, Any]:
        """A mapping with the founder's own keys; a wrong entry is told and left out."""
        if not isinstance(data, dict):
            raise Unfit("a mapping such as {name: value}")
        kept: dict[str, Any] = {}
        for key, value in data.items():
            self._keep(kept, key, hint, value, (*path, key))
        return kept

    def _scalar(self, hint: Any, data: Value) -> Any:
        hint = _FROM_ZERO if hint is int else hint
        if get_origin(hint) is Annotated:
            text = data if isinstance(data, str) else ""
            return get_args(hint)[1](str(text) if self.foreign else text)
        if hint is bool:
            flag = (
                _FLAGS.get(data.strip().lower())
                if self.foreign and isinstance(data, str)
                else data
            )
            if isinstance(flag, bool):
                return flag
            raise Unfit("true or false")
        if get_origin(hint) is Literal or issubclass(hint, StrEnum):
            words = get_args(hint) or tuple(hint)
            if data in words:
                return words[words.index(data)]
            raise Unfit("one of " + ", ".join(words))
        if isinstance(data, str) or (self.foreign and isinstance(data, bool)):
            return written(data).strip()
        raise Unfit("text")


@cache
def _fields(kind: type[Struct]) -> dict[str, FieldInfo]:
    """The fields of a struct under the keys that the file uses."""
    return {field.encode_name: field for field in fields(kind)}


def _name(path: Where) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _seen(data: Value) -> str:
    if isinstance(data, dict | list):
        return "a mapping" if isinstance(data, dict) else "a list"
    return repr(str(data)) if isinstance(data, str) else str(data).lower()
