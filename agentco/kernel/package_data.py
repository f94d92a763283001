"""Words that ship beside the code: tables and prompts are files, and a part of the program."""

from pkgutil import get_data
from typing import TypeVar

import msgspec

T = TypeVar("T")


def load_text(module: str, ending: str = "md", name: str = "") -> str:
    """The text of the file that lies beside a module, under the module's own name or another."""
    name = name or module.rpartition(".")[2]
    data = get_data(module, f"{name}.{ending}")
    return (data or b"").decode().rstrip()


def load_table(module: str, kind: type[T], name: str = "") -> T:
    """The JSON table that lies beside a module, as `kind`."""
    return msgspec.json.decode(load_text(module, "json", name), type=kind)
