"""How values are stored: heads, effects and events as JSON, each of the last three releases still loads."""

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import replace

from agentco.kernel.errors import StateBroken
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState, FileImage
from agentco.runs.events import AnyEvent
from agentco.runs.model_messages import ChatMessage
from agentco.runs.run import MAX_HEAD_BYTES, RUN_FORMAT, Run

EFFECT_DECODER = msgspec.json.Decoder(AnyEffect)
EVENT_DECODER = msgspec.json.Decoder(AnyEvent)


class StoredFormat(msgspec.Struct):
    """What is read of a head before anything else."""

    format: int


def encode_run(run: Run) -> bytes:
    """A head as it is stored. It stays small, whatever a title or a reason holds."""
    data = msgspec.json.encode(run)
    if len(data) > MAX_HEAD_BYTES:
        brief = tuple(replace(one, words=(), owed=one.owed[:50]) for one in run.reviews)
        data = msgspec.json.encode(
            replace(run, title=run.title[:100], reason=run.reason[:300], reviews=brief)
        )
    return data


def decode_run(data: bytes) -> Run:
    """A stored head. Raises StateBroken for one of a format that this agentco does not know."""
    found = msgspec.json.decode(data, type=StoredFormat).format
    if found not in {1, RUN_FORMAT}:
        raise StateBroken(
            f"a run is stored in format {found}, this agentco knows {RUN_FORMAT}",
            hint="update agentco",
        )
    return replace(msgspec.json.decode(data, type=Run), format=RUN_FORMAT)


def placeholders(values: Sequence[object]) -> str:
    """As many places in a statement as there are values."""
    return ", ".join("?" * len(values))


def to_column_value(value: object) -> object:
    """A value as a column holds it; what has fields, as JSON."""
    return msgspec.json.encode(value) if isinstance(value, msgspec.Struct) else value


def decode_effect(found: tuple[Any, ...]) -> EffectRecord:
    """An effect from its columns."""
    values = dict(zip(EffectRecord.__struct_fields__, found, strict=True))
    values["wanted"] = EFFECT_DECODER.decode(values["wanted"])
    values["image"] = (
        msgspec.json.decode(values["image"], type=FileImage)
        if values["image"]
        else None
    )
    values["state"] = EffectState(values["state"])
    return EffectRecord(**values)


@lru_cache(maxsize=64)
def decode_base_messages(data: bytes) -> tuple[ChatMessage, ...]:
    """The messages that begin every call of an agent, shared by its runs."""
    return msgspec.json.decode(data, type=tuple[ChatMessage, ...])
