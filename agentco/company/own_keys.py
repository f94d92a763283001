"""The `agentco:` map of a header, read as strictly as the settings: a mistake leaves the file out."""

from typing import TypeVar

from msgspec import Struct

from agentco.company.fields import Fields
from agentco.company.schema import Reader

Own = TypeVar("Own", bound=Struct)


def own_keys(fields: Fields, kind: type[Own]) -> Own:
    """Read the map as `kind` (DESIGN appendix A); `fields.lines` gets `agentco.KEY` for each key."""
    spelt = fields.actual("agentco")
    value = fields.take("agentco")
    reader = Reader(fields.found.file, fields.document.lines)
    if fields.unreadable("agentco"):
        reader.report((), "wrong-type", "agentco: could not be read", "write `key: value` lines below it")
    own = reader.struct(kind, value, (spelt,) if spelt else ())
    fields.found.diagnostics += reader.diagnostics
    for key in value if isinstance(value, dict) else ():
        fields.lines[f"agentco.{key}"] = fields.document.lines[spelt or "agentco", key]
    return own
