"""Plain YAML data into frozen structs: every mistake at once, with its line and a remedy.

A field's type says what is read: `str`, `bool`, `int` (from 0 up), a StrEnum or Literal, a
Struct, `tuple[T, ...]`, `dict[str, T]`, `T | U | None`, or `Annotated[T, read]` with a function
that raises ValueError with the words for what it expects.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, TypeVar, Union, get_args, get_origin

from msgspec import Struct
from msgspec.structs import FieldInfo, fields

from agentco.file_formats import amounts
from agentco.file_formats.source_file import FileFindings
from agentco.file_formats.yaml_values import KeyPath, Value, split_list, value_as_text
from agentco.kernel.errors import Severity, did_you_mean

T = TypeVar("T", bound=Struct)
Usd = Annotated[int, amounts.parse_usd]
_FROM_ZERO = Annotated[int, amounts.whole_number_from(0)]
_FLAGS = {"true": True, "false": False}


class UnfitValue(ValueError):
    """A value that does not fit; the message says what was expected."""


class StructReader:
    """Reads one file's data; a value that does not fit is reported and left out.

    Our own keys are read strictly: a mistake is an ERROR. A `foreign` reader warns, keeps unknown
    keys in the field `extra`, and understands flags in quotes and lists with commas.
    """

    def __init__(
        self,
        findings: FileFindings,
        lines: Mapping[KeyPath, int],
        *,
        foreign: bool = False,
    ) -> None:
        self.findings = findings
        self.lines = lines
        self.foreign = foreign

    def read_struct(
        self, kind: type[T], data: Value, path: KeyPath = (), **known: Any
    ) -> T:
        """`data` as `kind`, defaults for what is missing or wrong; no key sets a `known` field."""
        if not isinstance(data, dict | None):
            what = f"{_path_name(path)} must be a list of `key: value` lines"
            self.report(path, "wrong-type", what, "see docs/settings.md")
        items = data if isinstance(data, dict) else {}
        field_of = _fields_by_key(kind)
        values = dict(known)
        extra: dict[str, Value] = {}
        for key, value in items.items():
            field = field_of.get(key)
            if field is None:
                extra[key] = value
                self._report_unknown((*path, key), field_of)
            elif value is not None and field.name not in known:
                self._store_value(values, field.name, field.type, value, (*path, key))
        if "extra" in field_of:
            values["extra"] = extra
        return kind(**values)

    def read_value(self, hint: Any, value: Value, path: KeyPath) -> Any:
        """One value, or None if it is wrong."""
        values: dict[str, Any] = {}
        self._store_value(values, "", hint, value, path)
        return values.get("")

    def report(self, path: KeyPath, code: str, message: str, hint: str) -> None:
        """Report at the line of `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        level = Severity.WARNING if self.foreign else Severity.ERROR
        self.findings.report(level, code, message, hint, self.lines.get(path, 1))

    def _report_unknown(self, path: KeyPath, known: Iterable[str]) -> None:
        if not self.foreign:
            otherwise = "the keys here are " + ", ".join(known)
            hint = did_you_mean(str(path[-1]), known, otherwise)
            self.report(path, "unknown-key", f"unknown key {_path_name(path)!r}", hint)

    def _store_value(
        self, values: dict[str, Any], key: str, hint: Any, value: Value, path: KeyPath
    ) -> None:
        try:
            values[key] = self._read_typed(hint, value, path)
        except ValueError as expected:
            name = _path_name(path)
            if self.foreign:
                what = f"{name!r} is not {expected} and is ignored"
            else:
                what = f"{name}: {_describe_value(value)} is not {expected}"
            self.report(path, "wrong-value", what, f"write {expected}")

    def _read_typed(self, hint: Any, data: Value, path: KeyPath) -> Any:
        """`data` as `hint`. Raises ValueError with what was expected."""
        origin = get_origin(hint)
        args = get_args(hint)
        if hint is Any or (data is None and NoneType in args):
            return data
        if origin in {Union, UnionType}:
            return self._read_any_of(args, data, path)
        if origin is tuple:
            return self._read_items(args[0], data, path)
        if origin is dict:
            return self._read_entries(args[1], data, path)
        if origin is None and issubclass(hint, Struct):
            return self.read_struct(hint, data, path)
        return self._read_scalar(hint, data)

    def _read_any_of(self, kinds: Iterable[Any], data: Value, path: KeyPath) -> Any:
        """`data` as the first kind that it fits."""
        expected: list[str] = []
        for kind in kinds:
            if kind is NoneType:
                continue
            try:
                return self._read_typed(kind, data, path)
            except ValueError as error:
                expected.append(str(error))
        raise UnfitValue(", or ".join(expected))

    def _read_items(self, hint: Any, data: Value, path: KeyPath) -> tuple[Any, ...]:
        """A list as a tuple.

        A wrong item is left out of our own lists; it makes a foreign list wrong as a whole.
        """
        if self.foreign and isinstance(data, str):
            return split_list(data)
        if not isinstance(data, list):
            raise UnfitValue("a list such as [one, two]")
        if self.foreign:
            return tuple(self._read_typed(hint, item, path) for item in data)
        items: dict[str, Any] = {}
        for i, item in enumerate(data):
            self._store_value(items, str(i), hint, item, (*path, i))
        return tuple(items.values())

    def _read_entries(self, hint: Any, data: Value, path: KeyPath) -> dict[str, Any]:
        """A mapping with the founder's own keys; a wrong entry is reported and left out."""
        if not isinstance(data, dict):
            raise UnfitValue("a mapping such as {name: value}")
        entries: dict[str, Any] = {}
        for key, value in data.items():
            self._store_value(entries, key, hint, value, (*path, key))
        return entries

    def _read_scalar(self, hint: Any, data: Value) -> Any:
        if hint is int:
            hint = _FROM_ZERO
        if get_origin(hint) is Annotated:
            text = data if isinstance(data, str) else ""
            read = get_args(hint)[1]
            # a foreign number may stand in quotes
            return read(str(text) if self.foreign else text)
        if hint is bool:
            return self._read_flag(data)
        if get_origin(hint) is Literal or issubclass(hint, StrEnum):
            words = get_args(hint) or tuple(hint)
            if data in words:
                return words[words.index(data)]
            raise UnfitValue("one of " + ", ".join(words))
        if isinstance(data, str) or (self.foreign and isinstance(data, bool)):
            return value_as_text(data).strip()
        raise UnfitValue("text")

    def _read_flag(self, data: Value) -> bool:
        if self.foreign and isinstance(data, str):
            data = _FLAGS.get(data.strip().lower())
        if isinstance(data, bool):
            return data
        raise UnfitValue("true or false")


@cache
def _fields_by_key(kind: type[Struct]) -> dict[str, FieldInfo]:
    """The fields of a struct under the keys that the file uses."""
    return {field.encode_name: field for field in fields(kind)}


def _path_name(path: KeyPath) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _describe_value(data: Value) -> str:
    if isinstance(data, dict):
        return "a mapping"
    if isinstance(data, list):
        return "a list"
    return repr(str(data)) if isinstance(data, str) else str(data).lower()
