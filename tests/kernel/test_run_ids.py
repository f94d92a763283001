"""Ids of runs and effects: where they belong can be read from them."""

import pytest
from claims import claim
from hypothesis import given, strategies as st

from agentco.kernel import effect_id, is_within, number_of, parent_of, root_of

pytestmark = claim("house:run-ids")

ROOTS = st.text("abcdefghijk23456789", min_size=1, max_size=6)
NUMBERS = st.integers(min_value=1, max_value=999)


@given(ROOTS, st.lists(NUMBERS, max_size=4), NUMBERS)
def test_an_effect_belongs_to_its_run_and_to_its_root(
    root: str, path: list[int], number: int
) -> None:
    run = root
    for step in path:
        run = effect_id(run, step)
    effect = effect_id(run, number)
    assert (parent_of(effect), number_of(effect), root_of(effect)) == (
        run,
        number,
        root,
    )
    assert is_within(effect, run)
    assert is_within(effect, root)
    assert not is_within(run, effect)


def test_a_root_belongs_to_itself_and_to_no_other_run() -> None:
    assert root_of("k3f9") == "k3f9"
    assert parent_of("k3f9") == ""
    assert is_within("k3f9", "k3f9")


@pytest.mark.parametrize("other", ["k3f9.41", "k3f9.4x", "k3f", "k3f90.4", ""])
def test_a_name_that_only_begins_alike_is_not_within(other: str) -> None:
    assert not is_within(other, "k3f9.4")


@pytest.mark.parametrize("name", ["k3f9", "12", "k3f9.p1", "k3f9.", "", "k3f9.-1"])
def test_what_is_no_effect_has_the_number_that_no_effect_has(name: str) -> None:
    assert number_of(name) == 0
