"""The names that a room exports: its stub lists them, and each is loaded when first asked for.

The house itself imports modules, so a command loads only what it needs.
"""

from collections.abc import Callable


def exports_of(room: str) -> Callable[[str], object]:
    """Return the `__getattr__` of a room, which gives the names in its `__init__.pyi`."""

    def load_exported(name: str) -> object:
        from pkgutil import get_data, resolve_name

        stub = (get_data(room, "__init__.pyi") or b"").decode()
        module = find_module(stub, name)
        if not module:
            raise AttributeError(f"{room} exports no {name!r}")
        return resolve_name(f"{module}:{name}")

    return load_exported


def find_module(stub: str, name: str) -> str:
    """Return the module that a stub takes a name from; empty for a name that it lacks."""
    module = ""
    for line in stub.splitlines():
        if line.startswith("from "):
            module = line.split()[1]
        for part in line.split(","):
            if part.split()[-3:] == [name, "as", name]:
                return module
    return ""
