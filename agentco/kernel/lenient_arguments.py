"""The arguments of a call, read by what is meant: models write them with small slips.

`null` stands for what is left out, a number may be written as text or with a zero behind its point,
a list or an object may be encoded once more, one thing may stand where a list is wanted. A field
that nobody knows is passed over, and named.
"""

import json
import re
from collections.abc import Callable, Iterator
from typing import Any, Generic, TypeVar, cast

import msgspec
from msgspec import Struct

T = TypeVar("T")
_MAX_SLIPS = 40
_UNKNOWN_FIELD = re.compile(r"Object contains unknown field `(?P<name>.*?)`")
_WRONG_TYPE = re.compile(r"Expected `(?P<wanted>[^`]*)`, got `(?P<got>[^`]*)`")
_PATH = re.compile(r" - at `\$(?P<path>[^`]*)`\Z")
_STEP = re.compile(r"\.(?P<key>[^.\[\]]+)|\[\.\.\.\]")
_SLIPS = (ValueError, TypeError, RecursionError)


class ReadArguments(Struct, Generic[T], frozen=True, kw_only=True):
    """What was meant, and which fields were passed over."""

    value: T
    ignored: tuple[str, ...] = ()


def read_arguments(text: str, kind: type[T]) -> ReadArguments[T]:
    """Read the JSON text of arguments. Raises ValueError or RecursionError, with the reason."""
    document = _decode(text.strip() or "{}")
    if isinstance(document, str):
        document = _decode(document)
    ignored: list[str] = []
    for _ in range(_MAX_SLIPS):
        try:
            value = msgspec.convert(document, kind)
        except msgspec.ValidationError as error:
            if not _mend(document, str(error), ignored):
                raise
        else:
            return ReadArguments(value=value, ignored=tuple(ignored))
    raise ValueError("there are too many slips in it")


def _decode(text: str) -> Any:
    """A JSON text, in which each name says one thing."""
    msgspec.json.decode(text)
    return json.loads(text, object_pairs_hook=_without_duplicates)


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Of two things under one name none counts."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands in it twice")
    return found


def _mend(document: Any, error: str, ignored: list[str]) -> bool:
    """Mend what an error tells of, in place; whether anything could be mended."""
    place = _PATH.search(error)
    steps = [step["key"] for step in _STEP.finditer(place["path"] if place else "")]
    unknown = _UNKNOWN_FIELD.match(error)
    if unknown:
        name = unknown["name"]
        ignored.append(name)
        holders = _values_at(document, steps)
        removed = [_remove(holder, name) for holder in holders]
        return any(removed)
    wrong = _WRONG_TYPE.match(error)
    if not wrong or not steps:
        return False
    *above, last = steps
    wanted = wrong["wanted"].split(" | ")
    changed = [
        _mend_part(holder, last, wanted) for holder in _values_at(document, above)
    ]
    return any(changed)


def _values_at(value: Any, steps: list[str | None]) -> Iterator[Any]:
    """All values at a path; a step without a key goes through a list."""
    if not steps:
        yield value
        return
    first, *rest = steps
    if first is None and isinstance(value, list):
        for part in cast("list[Any]", value):
            yield from _values_at(part, rest)
    elif first is not None and isinstance(value, dict) and first in value:
        yield from _values_at(value[first], rest)


def _remove(holder: Any, name: str) -> bool:
    if not isinstance(holder, dict) or name not in holder:
        return False
    del holder[name]
    return True


def _mend_part(holder: Any, key: str | None, wanted: list[str]) -> bool:
    """Mend one value of an object, or those of a list."""
    if key is None and isinstance(holder, list):
        parts = cast("list[Any]", holder)
        replaced = [_replace(parts, place, wanted) for place in range(len(parts))]
        return any(replaced)
    if key is None or not isinstance(holder, dict) or key not in holder:
        return False
    if holder[key] is None:
        return _remove(holder, key)
    return _replace(holder, key, wanted)


def _replace(holder: Any, key: int | str, wanted: list[str]) -> bool:
    """Put what was meant in the place of a value; whether that is known."""
    value = holder[key]
    for kind in wanted:
        mean = _MEANINGS.get(kind)
        try:
            meant = mean(value) if mean else None
        except _SLIPS:
            continue
        if meant is not None and type(meant) is not type(value):
            holder[key] = meant
            return True
    return False


def _as_integer(value: Any) -> int | None:
    if not isinstance(value, str | float) or int(float(value)) != float(value):
        return None
    return int(float(value))


def _as_number(value: Any) -> float | None:
    return float(value) if isinstance(value, str) else None


def _as_truth(value: Any) -> bool | None:
    return {"true": True, "false": False}.get(str(value).strip().casefold())


def _as_list(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("["):
        return _decode(value)
    return [value]


def _as_object(value: Any) -> Any:
    if isinstance(value, str) and value.lstrip().startswith("{"):
        return _decode(value)
    return None


_MEANINGS: dict[str, Callable[[Any], Any]] = {
    "int": _as_integer,
    "float": _as_number,
    "bool": _as_truth,
    "array": _as_list,
    "object": _as_object,
}
