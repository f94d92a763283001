"""Plain YAML data into frozen structs: every mistake at once, with its line and what to write instead.

A field's type says what is read: `str`, `bool`, `int`, a Struct, `list[T]`, `dict[str, T]`, `T | None`, a
StrEnum, or `Annotated[T, parse]` with a function that raises ValueError with the words for what it expects.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from functools import cache
from types import NoneType, UnionType
from typing import Annotated, Any, TypeVar, Union, get_args, get_origin, get_type_hints

from msgspec import Struct

from agentco.company.amounts import usd
from agentco.company.values import Quoted, Value, Where
from agentco.errors import Diagnostic, Level, close_to

T = TypeVar("T", bound=Struct)
V = TypeVar("V")
# Keys of the file that Python keeps for itself.
KEYWORDS = {"from": "from_"}


class Mistake(ValueError):
    """A value that does not fit; the field keeps its default."""


class Reader:
    """Reads one file's data; collects a diagnostic for every value that does not fit."""

    def __init__(self, file: str, lines: Mapping[Where, int]) -> None:
        self.file = file
        self.lines = lines
        self.diagnostics: list[Diagnostic] = []

    def struct(self, kind: type[T], data: Value, path: Where = ()) -> T:
        """`data` as `kind`, with defaults where a value is missing or wrong."""
        if data is None:
            return kind()
        if not isinstance(data, dict):
            self.report(
                path,
                "wrong-type",
                f"{_name(path)} must be a list of `key: value` lines",
                "see docs/settings.md",
            )
            return kind()
        hints = _hints(kind)
        values: dict[str, Any] = {}
        for key, value in data.items():
            if key not in hints:
                self.unknown(key, hints, (*path, key))
            elif value is not None:
                self.keep(values, key, hints[key], value, (*path, key))
        return kind(**{KEYWORDS.get(key, key): value for key, value in values.items()})

    def keep(self, into: dict[str, Any], key: str, hint: Any, value: Value, path: Where) -> None:
        """Read one value into `into`, or report why it cannot be."""
        try:
            into[key] = self.value(hint, value, path)
        except Mistake as mistake:
            self.report(
                path, "wrong-value", f"{_name(path)}: {_seen(value)} is not {mistake}", f"write {mistake}"
            )

    def value(self, hint: Any, data: Value, path: Where) -> Any:
        """`data` as `hint`.

        Raises Mistake with what was expected.
        """
        origin, args = get_origin(hint), get_args(hint)
        if origin in {Union, UnionType}:
            return self.value(next(a for a in args if a is not NoneType), data, path)
        if origin is Annotated:
            return _parsed(args[1], data)
        if origin is list or origin is tuple:
            return self.items(args[0], data, path)
        if origin is dict:
            return self.entries(args[1], data, path)
        if isinstance(hint, type) and issubclass(hint, Struct):
            return self.struct(hint, data, path)
        return _scalar(hint, data)

    def items(self, hint: Any, data: Value, path: Where) -> tuple[Any, ...]:
        """A list as a tuple; a wrong item is reported and left out."""
        if not isinstance(data, list):
            raise Mistake("a list such as [one, two]")
        kept: dict[str, Any] = {}
        for i, item in enumerate(data):
            self.keep(kept, str(i), hint, item, (*path, i))
        return tuple(kept.values())

    def entries(self, hint: Any, data: Value, path: Where) -> dict[str, Any]:
        """A mapping with the founder's own keys; a wrong entry is reported and left out."""
        if not isinstance(data, dict):
            raise Mistake("a mapping such as {name: value}")
        kept: dict[str, Any] = {}
        for key, value in data.items():
            self.keep(kept, str(key), hint, value, (*path, key))
        return kept

    def unknown(self, key: str, known: Iterable[str], path: Where) -> None:
        """Report a key that does not exist, with the one that was probably meant."""
        hint = close_to(key, known, "the keys here are " + ", ".join(known))
        self.report(path, "unknown-key", f"unknown key {_name(path)!r}", hint)

    def report(self, path: Where, code: str, message: str, hint: str) -> None:
        """Add an ERROR at the line of `path`, or of the nearest key above it."""
        while path and path not in self.lines:
            path = path[:-1]
        self.diagnostics.append(
            Diagnostic(
                file=self.file,
                line=self.lines.get(path, 1),
                level=Level.ERROR,
                code=code,
                message=message,
                hint=hint,
            )
        )


@cache
def _hints(kind: type[Struct]) -> dict[str, Any]:
    """The fields of a struct under the keys that the file uses."""
    fields = {field: key for key, field in KEYWORDS.items()}
    return {fields.get(name, name): hint for name, hint in get_type_hints(kind, include_extras=True).items()}


def _name(path: Where) -> str:
    return ".".join(str(part) for part in path) or "the file"


def _seen(data: Value) -> str:
    if isinstance(data, dict | list):
        return "a mapping" if isinstance(data, dict) else "a list"
    return repr(str(data)) if isinstance(data, str) else str(data).lower()


def _parsed(parse: Callable[[str], Any], data: Value) -> Any:
    if not isinstance(data, str):
        raise Mistake(_expectation(parse))
    try:
        parsed = parse(data)
    except ValueError as error:
        raise Mistake(str(error)) from None
    return str(parsed) if isinstance(parsed, Quoted) else parsed


def _expectation(parse: Callable[[str], Any]) -> str:
    try:
        parse("")
    except ValueError as error:
        return str(error)
    return "text"


def _scalar(hint: Any, data: Value) -> Any:
    if hint is bool:
        if not isinstance(data, bool):
            raise Mistake("true or false")
        return data
    if not isinstance(data, str):
        raise Mistake("text" if hint is str else "one value")
    if isinstance(hint, type) and issubclass(hint, StrEnum):
        if data not in list(hint):
            raise Mistake("one of " + ", ".join(hint))
        return hint(data)
    return str(data)


def whole(least: int, most: int | None = None) -> Callable[[str], int]:
    """A parser of whole numbers from `least` to `most`, written without quotes."""

    def parse(text: str) -> int:
        plain_digits = re.fullmatch("[0-9]{1,9}", text) and not isinstance(text, Quoted)
        number = int(text) if plain_digits else None
        if number is None or number < least or (most is not None and number > most):
            raise ValueError(f"a whole number from {least}" + (f" to {most}" if most is not None else " up"))
        return number

    return parse


def plain(parse: Callable[[str], V]) -> Callable[[str], V]:
    """A parser that refuses a quoted number: `"0.25"` is text, 0.25 is an amount."""

    def unquoted(text: str) -> V:
        return parse("" if isinstance(text, Quoted) else text)

    return unquoted


Usd = Annotated[int, plain(usd)]
