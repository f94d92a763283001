"""How values are stored: as JSON that each of the last three releases could have written."""

from functools import lru_cache
from typing import Any

import msgspec
from msgspec.structs import asdict, replace

from agentco.kernel.errors import StateBroken
from agentco.rules.audit import AuditLine
from agentco.runs.effects import AnyEffect, EffectRecord, EffectState, FileImage
from agentco.runs.events import AnyEvent
from agentco.runs.model_messages import ChatMessage
from agentco.runs.run import MAX_HEAD_BYTES, RUN_FORMAT, Run

EFFECT_DECODER = msgspec.json.Decoder(AnyEffect)
EVENT_DECODER = msgspec.json.Decoder(AnyEvent)
AUDIT_DECODER = msgspec.json.Decoder(AuditLine)
IMAGE_DECODER = msgspec.json.Decoder(FileImage)


class StoredFormat(msgspec.Struct):
    """What is read of a head before anything else."""

    format: int


def encode_run(run: Run) -> bytes:
    """Return a head as it is stored. It stays small, whatever its title or its reason holds."""
    data = msgspec.json.encode(run)
    if len(data) <= MAX_HEAD_BYTES:
        return data
    reviews = [
        replace(review, words=(), owed=review.owed[:50]) for review in run.reviews
    ]
    shorter = replace(
        run, title=run.title[:100], reason=run.reason[:300], reviews=tuple(reviews)
    )
    return msgspec.json.encode(shorter)


def decode_run(data: bytes) -> Run:
    """Return a stored head. Raises StateBroken for a format that this agentco does not know."""
    stored = msgspec.json.decode(data, type=StoredFormat).format
    if stored not in {1, RUN_FORMAT}:
        raise StateBroken(
            f"a run is stored in format {stored}, this agentco knows {RUN_FORMAT}",
            hint="update agentco",
        )
    return replace(msgspec.json.decode(data, type=Run), format=RUN_FORMAT)


def effect_columns(row: EffectRecord) -> dict[str, object]:
    """Return the columns of an effect; what has fields is JSON."""
    columns: dict[str, object] = asdict(row)
    columns["wanted"] = msgspec.json.encode(row.wanted)
    if row.image:
        columns["image"] = msgspec.json.encode(row.image)
    return columns


def decode_effect(columns: tuple[Any, ...]) -> EffectRecord:
    """Return an effect from its columns, in the order of its fields."""
    values = dict(zip(EffectRecord.__struct_fields__, columns, strict=True))
    values["wanted"] = EFFECT_DECODER.decode(values["wanted"])
    if values["image"]:
        values["image"] = IMAGE_DECODER.decode(values["image"])
    values["state"] = EffectState(values["state"])
    values["plan"] = bool(values["plan"])
    return EffectRecord(**values)


@lru_cache(maxsize=64)
def decode_base_messages(data: bytes) -> tuple[ChatMessage, ...]:
    """The messages that begin every call of an agent, shared by its runs."""
    return msgspec.json.decode(data, type=tuple[ChatMessage, ...])
