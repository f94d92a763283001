"""A new task in the words of the board: "Call the bank @cto due:friday pri:1"."""

from collections.abc import Sequence
from datetime import date

from msgspec import Struct

from agentco.board.list_item import find_words, is_valid_token, split_token
from agentco.kernel.date_words import date_from_words
from agentco.kernel.errors import WrongUsage

TYPED_KEYS = ("owner", "due", "pri", "tag")


class NewTask(Struct, frozen=True, kw_only=True):
    """What the words of a new task say. `tags` are without their #."""

    title: str
    owner: str | None = None
    due: date | None = None
    pri: int | None = None
    tags: tuple[str, ...] = ()


def read_typed_task(text: str, today: date) -> NewTask:
    """Read a new task as its line on the board is read; dates may also be said in words.

    Raises WrongUsage for a word that looks like one of the board's and cannot be read, or
    stands there twice.
    """
    title_words: list[str] = []
    values: dict[str, list[str]] = {key: [] for key in TYPED_KEYS}
    line = " ".join(text.split())
    for start, end, look in find_words(line, 1):
        key, value = split_token(look) or ("", "")
        if key in values:
            values[key].append(value)
        else:
            title_words.append(line[start:end])
    return NewTask(
        title=" ".join(title_words),
        owner=_only_value("owner", values["owner"]),
        due=_read_due(_only_value("due", values["due"]), today),
        pri=_read_priority(_only_value("pri", values["pri"])),
        tags=tuple(values["tag"]),
    )


def _only_value(key: str, values: Sequence[str]) -> str | None:
    if len(values) > 1:
        words = " and ".join(values)
        raise WrongUsage(f"a task has one {key}, not {words}", hint="keep only one")
    return values[0] if values else None


def _read_due(value: str | None, today: date) -> date | None:
    return None if value is None else date_from_words(value, today)


def _read_priority(value: str | None) -> int | None:
    if value is None:
        return None
    if not is_valid_token("pri", value):
        raise WrongUsage(f"{value!r} is not a priority", hint="pri:1 is the highest")
    return int(value)
