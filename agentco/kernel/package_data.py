"""Words that ship beside the code: tables and prompts are files, and a part of the program."""

from pkgutil import get_data
from typing import TypeVar

import msgspec

T = TypeVar("T")


def load_text(module: str, ending: str = "md") -> str:
    """The text of the file that lies beside a module under the module's own name."""
    return (
        (get_data(module, f"{module.rpartition('.')[2]}.{ending}") or b"")
        .decode()
        .rstrip()
    )


def load_table(module: str, kind: type[T]) -> T:
    """The same, where the file is a JSON table."""
    return msgspec.json.decode(load_text(module, "json"), type=kind)
