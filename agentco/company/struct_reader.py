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
from agentco.company.yaml_values import KeyPath, Value, split_list, value_as_text
from agentco.kernel.errors import Severity, did_you_mean

T = TypeVar("T", bound=Struct)
Usd = Annotated[int, amounts.parse_usd]
_FROM_ZERO = Annotated[int, amounts.whole_number_from(0)]
_FLAGS = {"true": True, "false": False}


class UnfitValue(ValueError):
    """A value that does not fit; says what was expected."""


class StructReader:
    """Reads one file's data; a value that does not fit is told and left out.

    Our own keys are read strictly: a mistake is an ERROR. A `foreign` reader warns, keeps unknown keys in
    the field `extra`, and understands flags in quotes and lists with commas.
    """

    def __init__(
        self,
        found: source_file.FileFindings,
        lines: Mapping[KeyPath, int],
        *,
        foreign: bool = False,
    ) -> None:
        self.found = found
        self.lines = lines
        self.foreign = foreign

    def read_struct(
        self, kind: type[T], data: Value, path: KeyPath = (), **known: Any
    ) -> T:
        """`data` as `kind`, with defaults for what is missing or wrong; no key sets a `known` field."""
        if not isinstance(data, dict | None):
            what = f"{_path_name(path)} must be a list of `key: value` lines"
            self.report(path, "wrong-type", what, "see docs/settings.md")
        keys = data if isinstance(data, dict) else {}
        fields_, values = _fields_by_key(kind), dict(known)
        for key, value in keys.items():
            if key not in fields_:
                self._report_unknown((*path, key), fields_)
            elif value is not None and fields_[key].name not in known:
                self._store_value(
                    values, fields_[key].name, fields_[key].type, value, (*path, key)
                )
        if "extra" in fields_:
            values["extra"] = {
                key: value for key, value in keys.items() if key not in fields_
            }
        return kind(**values)

    def read_value(self, hint: Any, value: Value, path: KeyPath) -> Any:
        """One value, or None when it is wrong."""
        into: dict[str, Any] = {}
        self._store_value(into, "", hint, value, path)
        return into.get("")

    def report(self, path: KeyPath, code: str, message: str, hint: str) -> None:
        """Tell it at the line of `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        level = Severity.WARNING if self.foreign else Severity.ERROR
        self.found.report(level, code, message, hint, self.lines.get(path, 1))

    def _report_unknown(self, path: KeyPath, known: Iterable[str]) -> None:
        if not self.foreign:
            hint = did_you_mean(
                str(path[-1]), known, "the keys here are " + ", ".join(known)
            )
            self.report(path, "unknown-key", f"unknown key {_path_name(path)!r}", hint)

    def _store_value(
        self, into: dict[str, Any], key: str, hint: Any, value: Value, path: KeyPath
    ) -> None:
        try:
            into[key] = self._read_typed(hint, value, path)
        except ValueError as expected:
            ignored = f"{_path_name(path)!r} is not {expected} and is ignored"
            refused = f"{_path_name(path)}: {_describe_value(value)} is not {expected}"
            self.report(
                path,
                "wrong-value",
                ignored if self.foreign else refused,
                f"write {expected}",
            )

    def _read_typed(self, hint: Any, data: Value, path: KeyPath) -> Any:
        """`data` as `hint`. Raises ValueError with what was expected."""
        origin, args = get_origin(hint), get_args(hint)
        if hint is Any or (data is None and NoneType in args):
            return data
        if origin in {Union, UnionType}:
            return self._read_typed(
                next(a for a in args if a is not NoneType), data, path
            )
        if origin is tuple:
            return self._read_items(args[0], data, path)
        if origin is dict:
            return self._read_entries(args[1], data, path)
        if origin is None and issubclass(hint, Struct):
            return self.read_struct(hint, data, path)
        return self._read_scalar(hint, data)

    def _read_items(self, hint: Any, data: Value, path: KeyPath) -> tuple[Any, ...]:
        """A list as a tuple; of our own lists a wrong item is left out, a foreign one is wrong as a whole."""
        if self.foreign and isinstance(data, str):
            return split_list(data)
        if not isinstance(data, list):
            raise UnfitValue("a list such as [one, two]")
        if self.foreign:
            return tuple(self._read_typed(hint, item, path) for item in data)
        kept: dict[str, Any] = {}
        for i, item in enumerate(data):
            self._store_value(kept, str(i), hint, item, (*path, i))
        return tuple(kept.values())

    def _read_entries(self, hint: Any, data: Value, path: KeyPath) -> dict[str, Any]:
        """A mapping with the founder's own keys; a wrong entry is told and left out."""
        if not isinstance(data, dict):
            raise UnfitValue("a mapping such as {name: value}")
        kept: dict[str, Any] = {}
        for key, value in data.items():
            self._store_value(kept, key, hint, value, (*path, key))
        return kept

    def _read_scalar(self, hint: Any, data: Value) -> Any:
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
            raise UnfitValue("true or false")
        if get_origin(hint) is Literal or issubclass(hint, StrEnum):
            words = get_args(hint) or tuple(hint)
            if data in words:
                return words[words.index(data)]
            raise UnfitValue("one of " + ", ".join(words))
        if isinstance(data, str) or (self.foreign and isinstance(data, bool)):
            return value_as_text(data).strip()
        raise UnfitValue("text")


@cache
def _fields_by_key(kind: type[Struct]) -> dict[str, FieldInfo]:
    """The fields of a struct under the keys that the file uses."""
    return {field.encode_name: field for field in fields(kind)}


def _path_name(path: KeyPath) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _describe_value(data: Value) -> str:
    if isinstance(data, dict | list):
        return "a mapping" if isinstance(data, dict) else "a list"
    return repr(str(data)) if isinstance(data, str) else str(data).lower()
