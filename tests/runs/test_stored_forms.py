"""What a release stored, the next ones read: every kind of run, event and effect has an example on the disk."""

from pathlib import Path

import msgspec
import pytest
from claims import claim
from msgspec import Struct
from stored_forms import EXAMPLES, FOLDER, kind_of, tags

from agentco.adapters.state import EFFECT_DECODER, EVENT_DECODER, decode_run
from agentco.runs import (
    RUN_FORMAT,
    AnyEffect,
    AnyEvent,
    Effect,
    EffectState,
    Event,
    RunPhase,
)

pytestmark = claim("runs:stored-forms")

STORED = sorted(FOLDER.glob("*/*.json"))


PRESENT = [path for path in STORED if path.parent.name == str(RUN_FORMAT)]


@pytest.mark.parametrize("path", PRESENT, ids=lambda path: path.stem)
def test_what_was_stored_loads_to_the_same_value(path: Path) -> None:
    data = path.read_bytes().strip()
    value = msgspec.json.decode(data, type=kind_of(path.stem))
    assert value == EXAMPLES[path.stem]
    assert (
        msgspec.json.decode(msgspec.json.encode(value), type=kind_of(path.stem))
        == value
    )


@pytest.mark.parametrize(
    "path", STORED, ids=lambda path: f"{path.parent.name}/{path.stem}"
)
def test_everything_that_was_stored_is_still_there_after_loading(path: Path) -> None:
    data = path.read_bytes().strip()
    read = {
        "run": decode_run,
        "event": EVENT_DECODER.decode,
        "effect": EFFECT_DECODER.decode,
    }.get(path.stem.partition("-")[0])
    value = read(data) if read else msgspec.json.decode(data, type=kind_of(path.stem))
    before, now = (
        msgspec.json.decode(data),
        msgspec.json.decode(msgspec.json.encode(value)),
    )
    if path.stem.startswith("run"):
        assert now.pop("format") == RUN_FORMAT
        del before["format"]
    assert {key: now[key] for key in before} == before


@pytest.mark.parametrize(
    "path",
    sorted((FOLDER / str(RUN_FORMAT)).glob("*.json")),
    ids=lambda path: path.stem,
)
def test_in_the_present_format_it_is_stored_byte_for_byte_as_before(path: Path) -> None:
    assert msgspec.json.encode(EXAMPLES[path.stem]) == path.read_bytes().strip()


def test_the_state_reads_them_with_its_own_readers() -> None:
    for path in PRESENT:
        data, kind = path.read_bytes().strip(), path.stem.partition("-")[0]
        read = {
            "run": decode_run,
            "event": EVENT_DECODER.decode,
            "effect": EFFECT_DECODER.decode,
        }.get(kind)
        assert read is None or read(data) == EXAMPLES[path.stem]


@pytest.mark.parametrize(
    ("kind", "union"), [("event", AnyEvent), ("effect", AnyEffect)]
)
def test_every_event_and_effect_has_an_example_in_the_present_format(
    kind: str, union: object
) -> None:
    # behind two dashes stands what a second example of the same kind is about
    there = {
        path.stem.partition("--")[0]
        for path in (FOLDER / str(RUN_FORMAT)).glob(f"{kind}-*.json")
    }
    assert there == {f"{kind}-{tag}" for tag in tags(union)}


def test_every_event_and_effect_there_is_can_be_stored() -> None:
    assert tags(AnyEvent) == {
        str(kind.__struct_config__.tag) for kind in Event.__subclasses__()
    }
    assert tags(AnyEffect) == {
        str(kind.__struct_config__.tag) for kind in Effect.__subclasses__()
    }


def test_an_example_says_something_in_every_field() -> None:
    kinds: set[type[Struct]] = {type(value) for value in EXAMPLES.values()}
    for kind in kinds:
        examples = [value for value in EXAMPLES.values() if type(value) is kind]
        plain = {field.name: field.default for field in msgspec.structs.fields(kind)}
        silent = [
            name
            for name in plain
            if all(getattr(value, name) == plain[name] for value in examples)
        ]
        assert set(silent) <= {"effect", "held", "why", "result", "agent"}, (
            kind,
            silent,
        )


def test_a_run_says_its_format_even_when_it_is_the_present_one() -> None:
    assert (
        f'"format":{RUN_FORMAT}'.encode()
        in (FOLDER / str(RUN_FORMAT) / "run.json").read_bytes()
    )


@pytest.mark.parametrize("value", EXAMPLES.values(), ids=EXAMPLES)
def test_runs_events_and_effects_are_frozen(value: Struct) -> None:
    with pytest.raises(AttributeError):
        setattr(value, value.__struct_fields__[0], None)


def test_the_states_of_effects_and_the_phases_of_runs_keep_their_names() -> None:
    states = "todo held parked started sent in-doubt done settled"
    phases = "working done blocked refused out-of-budget failed cancelled"
    assert [" ".join(kind) for kind in (EffectState, RunPhase)] == [states, phases]
