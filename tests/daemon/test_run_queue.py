"""Which runs the daemon drives, and when again: decided without a clock, a process or a state."""

from datetime import UTC, datetime, timedelta

import pytest
from claims import claim

from agentco.daemon import RunQueue
from agentco.desk import ActiveRun

NOW = datetime(2026, 11, 20, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)

pytestmark = claim("up:goes-on")


def run_of(
    name: str,
    status: str = "interrupted",
    *,
    held: str | None = None,
    ready: datetime | None = None,
    is_left: bool = False,
) -> ActiveRun:
    return ActiveRun(
        run=name,
        agent="writer",
        prompt=None,
        title="The post",
        status=status,
        held=held,
        ready=ready,
        is_left=is_left,
        started="2026-11-20T08:00:00+00:00",
        cost_usd=0.0,
    )


def queue_after(*runs: ActiveRun) -> RunQueue:
    """A queue that took one look."""
    queue = RunQueue()
    queue.take_up(runs)
    queue.finish_look(runs)
    return queue


def test_what_was_there_at_the_first_look_is_driven_and_what_came_later_only_once_it_waited() -> (
    None
):
    queue = queue_after(run_of("first"))
    assert queue.is_due(run_of("first"), NOW)
    later = run_of("later")
    queue.take_up([later])
    assert not queue.is_due(later, NOW)
    queue.take_up([run_of("later", "waiting")])
    assert queue.is_due(later, NOW)


@pytest.mark.parametrize(
    "run",
    [
        run_of("a", "running"),
        run_of("a", "waiting"),
        run_of("a", held="a halt"),
        run_of("a", is_left=True),
    ],
    ids=["running", "waiting", "held", "left to the founder"],
)
def test_what_is_driven_waits_or_is_held_is_not_due(run: ActiveRun) -> None:
    assert not queue_after(run).is_due(run, NOW)


def test_the_second_try_comes_at_once_then_pauses_double_up_to_a_quarter_of_an_hour() -> (
    None
):
    run, now, pauses = run_of("a"), NOW, list[timedelta]()
    queue = queue_after(run)
    for _ in range(7):
        assert queue.is_due(run, now)
        queue.count_try("a", now)
        pauses.append(queue.try_at["a"] - now)
        assert queue.is_due(run, now) == (not pauses[-1])
        now += pauses[-1]
    assert pauses == [n * MINUTE for n in (0, 1, 2, 4, 8, 15, 15)]


def test_a_run_that_got_on_starts_with_its_tries_anew() -> None:
    run = run_of("a")
    queue = queue_after(run)
    for _ in range(3):
        queue.count_try("a", NOW)
    assert not queue.is_due(run, NOW)
    queue.take_up([run_of("a", "running")])
    assert queue.is_due(run, NOW)


def test_a_model_that_is_to_be_left_alone_is_not_asked_before_its_time() -> None:
    run = run_of("a", ready=NOW + 5 * MINUTE)
    queue = queue_after(run)
    assert not queue.is_due(run, NOW)
    assert not queue.anything_due(NOW + 4 * MINUTE)
    assert queue.anything_due(NOW + 5 * MINUTE)
    assert queue.is_due(run, NOW + 5 * MINUTE)


def test_what_an_earlier_daemon_drives_is_looked_at_until_we_drive_it() -> None:
    running = run_of("a", "running")
    queue = queue_after(running)
    assert queue.is_driven_elsewhere([running])
    queue.count_try("a", NOW)
    assert not queue.is_driven_elsewhere([running])


def test_only_changes_are_told_and_what_is_over_is_told_once() -> None:
    queue = RunQueue()
    first, second = run_of("a", "running"), run_of("b", "waiting")
    assert [*queue.changed([first, second])] == [first, second]
    assert queue.finish_look([first, second]) == []
    assert [*queue.changed([first, run_of("b", "running")])] == [run_of("b", "running")]
    queue.ours.add("b")
    assert queue.finish_look([first]) == [second]
    assert queue.ours == set()
    assert queue.finish_look([first]) == []


def test_an_interruption_that_is_mended_at_once_is_not_told() -> None:
    queue = queue_after(run_of("a", "running"))
    assert [*queue.changed([run_of("a")])] == [run_of("a")]
    queue.count_try("a", NOW)
    assert [*queue.changed([run_of("a")])] == []
