"""The contract of a store: what it answers and changes, all or nothing, by the given moment."""

import inspect
from collections.abc import Callable
from datetime import UTC, datetime
from hashlib import sha256

import msgspec
import pytest
from claims import claim
from made import (
    ASKED,
    AT,
    DAY,
    LATER,
    NEXT_DAY,
    begin,
    effect_of,
    payment,
    read,
    run_of,
    slot_of,
    write,
)
from msgspec.structs import replace

from agentco.adapters.state import (
    MemoryTransaction,
    SqliteTransaction,
    shared_transaction,
)
from agentco.day import SlotOutcome
from agentco.kernel import WrongUsage
from agentco.ports import (
    AGENT_LINES_KEPT,
    Halt,
    Restriction,
    StartedRun,
    StorePort,
    Transaction,
    UndoRecord,
    WrittenFile,
)
from agentco.rules import (
    AuditLine,
    Cap,
    LearnedContext,
    ModelHealth,
    ModelUsage,
    first_broken_line,
)
from agentco.runs import (
    MAX_HEAD_BYTES,
    Answered,
    AskModel,
    EffectState,
    FileImage,
    Review,
    RunPhase,
    StopReason,
    ToolReturned,
)

pytestmark = claim("state:contract")

NOW = datetime.fromisoformat(AT)


def line(what: str, **facts: object) -> AuditLine:
    return AuditLine(seq=0, prev="", at=AT, what=what, **facts)  # pyright: ignore[reportArgumentType]


def body_of(text: str) -> bytes:
    return msgspec.json.encode(ToolReturned(effect=1, text=text))


# the whole


@pytest.mark.parametrize("kind", [SqliteTransaction, MemoryTransaction])
def test_a_store_has_every_method_of_the_protocol_with_its_parameters(
    kind: type,
) -> None:
    wanted = {
        name: method
        for name, method in inspect.getmembers(Transaction, inspect.isfunction)
        if not name.startswith("_")
    }
    assert len(wanted) > 50
    for name, method in wanted.items():
        parameters = list(inspect.signature(method).parameters.values())
        own = list(inspect.signature(getattr(kind, name)).parameters.values())
        assert [(p.name, p.kind, p.default) for p in own] == [
            (p.name, p.kind, p.default) for p in parameters
        ], name


@claim("schedule:overlap")
def test_a_slot_that_waits_can_be_taken_and_then_has_its_run(store: StorePort) -> None:
    for outcome in (SlotOutcome.QUEUED, SlotOutcome.TAKEN):
        write(store, lambda tx, how=outcome: tx.save_slot(slot_of(9, how)))
    slot = slot_of(9)
    write(store, lambda tx: tx.assign_run_to_slot(slot.job, slot.slot, "r"))
    write(store, lambda tx: tx.save_slot(slot_of(9, SlotOutcome.MISSED)))
    [tick] = read(store, lambda tx: tx.slot_history())
    assert (tick.outcome, tick.run) == (SlotOutcome.RUN, "r")


def test_an_act_that_fails_leaves_nothing_and_the_next_one_counts(
    store: StorePort,
) -> None:
    def fails(tx: Transaction) -> None:
        begin(tx, "r")
        tx.save_effect(effect_of("r"))
        tx.save_body(b"lost", AT)
        tx.record_payment(payment("r", 5))
        tx.append_audit(line("tried"))
        tx.halt("cfo", at=AT, by="me")
        tx.save_slot(slot_of(9))
        tx.save_notices(["lost"], AT)
        tx.save_token_count("a/b", 10, 5)
        raise WrongUsage("no", hint="not at all")

    outcome = store.write(fails)
    with pytest.raises(WrongUsage):
        outcome.result(20)

    def look(tx: Transaction) -> list[object]:
        return [
            *tx.list_runs(AT, everything=True),
            *tx.open_effects(*EffectState),
            *tx.prunable_bodies(NEXT_DAY),
            *tx.sum_costs("agent"),
            *tx.audit_chain(),
            *tx.halts(),
            *tx.slot_history(),
            *tx.told_notices(),
            tx.last_token_count("a/b"),
            tx.spent_in_scope(f"day:{DAY}"),
        ]

    assert read(store, look) == [None, 0]
    write(store, lambda tx: tx.append_audit(line("done")))
    assert [one.seq for one in read(store, lambda tx: tx.audit_lines())] == [1]


def test_an_act_sees_what_it_changed_itself(store: StorePort) -> None:
    def act(tx: Transaction) -> int:
        tx.record_payment(payment("r", 5))
        return tx.spent_in_scope("run:r")

    assert write(store, act) == 5
    assert read(store, lambda tx: tx.spent_in_scope("run:r")) == 5


def test_a_new_store_is_whole_and_unchanged(store: StorePort) -> None:
    assert read(store, lambda tx: tx.find_damage()) == ""
    marks = {read(store, lambda tx: tx.change_mark()) for _ in range(2)}
    assert len(marks) == 1


# runs


def test_a_run_is_kept_with_what_it_was_asked(store: StorePort) -> None:
    run = write(store, lambda tx: begin(tx, "r"))
    assert read(store, lambda tx: tx.load_run("r")) == run
    asked = read(store, lambda tx: tx.load_asked("r"))
    assert asked is not None
    assert replace(asked, base="") == ASKED
    assert read(store, lambda tx: tx.root_state("r")) == (500_000, "me", None)


def test_a_head_stays_small_whatever_it_holds(store: StorePort) -> None:
    reviews = [
        Review(trigger=f"t{i}", owed="x" * 100, words=("y" * 50,)) for i in range(10)
    ]
    run = run_of("r", title="long " * 1000, reason="r" * 1000, reviews=tuple(reviews))
    write(store, lambda tx: begin(tx, "r"))
    write(store, lambda tx: tx.save_run(run, AT))
    kept = read(store, lambda tx: tx.load_run("r"))
    assert len(msgspec.json.encode(kept)) <= MAX_HEAD_BYTES
    assert (kept.title, len(kept.reason)) == (run.title[:100], 300)
    assert [one.trigger for one in kept.reviews] == [one.trigger for one in reviews]


def test_what_is_not_there_is_wrong_usage(store: StorePort) -> None:
    write(store, lambda tx: begin(tx, "r"))
    acts: list[Callable[[Transaction], object]] = [
        lambda tx: tx.load_run("s"),
        lambda tx: tx.root_state("s"),
        lambda tx: tx.load_effect("r", 7),
    ]
    for act in acts:
        with pytest.raises(WrongUsage):
            read(store, act)


def test_a_root_changes_its_driver_its_cap_and_its_cancellation(
    store: StorePort,
) -> None:
    write(store, lambda tx: begin(tx, "r"))
    write(store, lambda tx: tx.update_root("r", driver=None, cap=7))
    assert read(store, lambda tx: tx.root_state("r")) == (7, None, None)
    write(store, lambda tx: tx.update_root("r", cancel="enough"))
    assert read(store, lambda tx: tx.root_state("r")) == (7, None, "enough")


def test_runs_of_a_root_stand_in_the_order_in_which_they_started(
    store: StorePort,
) -> None:
    for name in ("r", "r.9", "s", "r.2"):
        write(store, lambda tx, name=name: begin(tx, name))
    runs = read(store, lambda tx: tx.runs_of_root("r"))
    assert [run.id for run in runs] == ["r", "r.9", "r.2"]


def test_the_latest_runs_are_listed_first_with_children_only_if_wanted(
    store: StorePort,
) -> None:
    write(store, lambda tx: begin(tx, "old"))
    write(store, lambda tx: begin(tx, "new", started=LATER))
    write(store, lambda tx: begin(tx, "old.1"))
    write(store, lambda tx: begin(tx, "twin"))

    def listed(**how: object) -> list[str]:
        runs = read(store, lambda tx: tx.list_runs(AT, **how))  # pyright: ignore[reportArgumentType]
        return [run.id for run in runs]

    assert listed() == ["new", "twin", "old"]
    assert listed(limit=1) == ["new"]
    assert listed(limit=-1, everything=True) == ["new", "twin", "old.1", "old"]


def test_runs_that_ended_before_are_left_out_of_a_list(store: StorePort) -> None:
    run = write(store, lambda tx: begin(tx, "r"))
    write(store, lambda tx: tx.save_run(replace(run, phase=RunPhase.DONE), AT))
    assert read(store, lambda tx: tx.list_runs(AT, since=LATER)) == []
    [summary] = read(store, lambda tx: tx.list_runs(AT, since=AT))
    assert (summary.phase, summary.ended) == (RunPhase.DONE, AT)
    write(store, lambda tx: tx.save_run(run, LATER))
    [summary] = read(store, lambda tx: tx.list_runs(AT, since=LATER))
    assert (summary.phase, summary.ended) == (RunPhase.WORKING, None)


def test_a_summary_counts_a_run_with_its_children_by_the_given_moment(
    store: StorePort,
) -> None:
    def act(tx: Transaction) -> None:
        for name in ("r", "r.1", "r.10", "s"):
            begin(tx, name)
        tx.record_payment(payment("r", 1))
        tx.record_payment(payment("r.1", 10, calls=2))
        tx.record_payment(payment("r.10", 100))
        tx.record_payment(payment("s", 1000))
        tx.save_effect(effect_of("r", 1, EffectState.PARKED, expires=LATER))
        tx.save_effect(effect_of("r.1", 1, EffectState.PARKED))
        tx.save_effect(effect_of("r.1", 2, EffectState.IN_DOUBT, model="a/b"))
        tx.save_effect(effect_of("r.10", 1, EffectState.IN_DOUBT))

    write(store, act)

    def summed(name: str, now: str) -> tuple[int, int, int, int, str | None]:
        run = read(store, lambda tx: tx.find_runs(name, now))[0]
        return run.usd, run.calls, run.in_doubt, run.waiting, run.driver

    assert summed("r", LATER) == (111, 4, 2, 3, "me")
    assert summed("r", NEXT_DAY) == (111, 4, 2, 2, "me")
    assert summed("r.1", AT) == (10, 2, 1, 1, "me")
    assert summed("s", AT) == (1000, 1, 0, 0, "me")


def test_a_run_is_found_by_its_id_and_roots_by_its_beginning(store: StorePort) -> None:
    for name in ("k7", "k7a", "k7a.2", "k7b", "k7c", "m"):
        write(store, lambda tx, name=name: begin(tx, name))

    def found(name: str) -> list[str]:
        return [run.id for run in read(store, lambda tx: tx.find_runs(name, AT))]

    assert found("k7") == ["k7", "k7a", "k7b"]
    assert found("k7a") == ["k7a"]
    assert found("k7a.2") == ["k7a.2"]
    assert found("k7a.") == []
    assert found("x") == []


def test_blocked_runs_are_those_since_then_the_oldest_first(store: StorePort) -> None:
    ends = {"early": AT, "late": NEXT_DAY, "middle": LATER, "at-work": LATER}
    for name, at in ends.items():
        run = write(store, lambda tx, name=name: begin(tx, name))
        phase = RunPhase.WORKING if name == "at-work" else RunPhase.BLOCKED
        over = replace(run, phase=phase)
        write(store, lambda tx, over=over, at=at: tx.save_run(over, at))
    runs = read(store, lambda tx: tx.blocked_runs(LATER))
    assert [run.id for run in runs] == ["middle", "late"]


def test_reviewed_runs_are_those_since_then_the_latest_first(store: StorePort) -> None:
    starts = {"early": AT, "late": LATER, "plain": LATER, "later": NEXT_DAY}
    for name, at in starts.items():
        run = write(store, lambda tx, name=name, at=at: begin(tx, name, started=at))
        if name != "plain":
            reviews = (Review(trigger="legal", agent="lawyer"),)
            reviewed = replace(run, reviews=reviews)
            write(store, lambda tx, reviewed=reviewed: tx.save_run(reviewed, AT))
    runs = read(store, lambda tx: tx.reviewed_runs(LATER))
    assert [run.id for run in runs] == ["later", "late"]


def test_what_started_since_is_told_but_not_of_one_driver(store: StorePort) -> None:
    write(store, lambda tx: begin(tx, "old"))
    write(store, lambda tx: begin(tx, "new", started=LATER))
    started = StartedRun(title="work new", phase=RunPhase.WORKING, started=LATER)
    assert read(store, lambda tx: tx.runs_started_since(LATER)) == [started]
    mine = read(store, lambda tx: tx.runs_started_since(LATER, but_driver="me"))
    assert mine == []
    write(store, lambda tx: tx.update_root("new", driver=None))
    free = read(store, lambda tx: tx.runs_started_since(LATER, but_driver="me"))
    assert free == [started]


# effects and texts


def test_an_effect_is_kept_whole_and_replaced(store: StorePort) -> None:
    image = FileImage(file="a.md", before="1", after="2")
    row = effect_of("r", 3, EffectState.SENT, image=image, reserved=7, day=DAY)
    write(store, lambda tx: tx.save_effect(row))
    assert read(store, lambda tx: tx.load_effect("r", 3)) == row
    settled = replace(row, state=EffectState.DONE, result="abc", reserved=0)
    write(store, lambda tx: tx.save_effect(settled))
    assert read(store, lambda tx: tx.load_effects("r")) == [settled]


def test_added_effects_are_to_do_or_held(store: StorePort) -> None:
    wanted = [AskModel(number=1), AskModel(number=2, held=True)]
    run = write(store, lambda tx: begin(tx, "r"))
    write(store, lambda tx: tx.add_effects(run, wanted, AT))
    rows = read(store, lambda tx: tx.load_effects("r"))
    assert [row.state for row in rows] == [EffectState.TODO, EffectState.HELD]
    assert [row.wanted for row in rows] == wanted


def test_effects_are_found_by_root_and_state_the_oldest_first(store: StorePort) -> None:
    todo, parked = EffectState.TODO, EffectState.PARKED
    rows = [
        effect_of("r", 2, todo, at=LATER),
        effect_of("r.1", 1, todo),
        effect_of("r", 1, parked),
        effect_of("s", 1, parked, at=NEXT_DAY),
    ]
    for row in rows:
        write(store, lambda tx, row=row: tx.save_effect(row))

    def ids(*states: EffectState, root: str = "") -> list[str]:
        def look(tx: Transaction) -> list[str]:
            if root:
                return [row.id for row in tx.load_effects(root, *states)]
            return [row.id for row in tx.open_effects(*states)]

        return read(store, look)

    assert ids(root="r") == ["r.1", "r.1.1", "r.2"]
    assert ids(todo, root="r") == ["r.1.1", "r.2"]
    assert ids(parked, todo) == ["r.1", "r.1.1", "r.2", "s.1"]
    assert ids() == []


def test_equal_texts_are_stored_once_and_events_come_back(store: StorePort) -> None:
    name = write(store, lambda tx: tx.save_body(body_of("whole"), AT))
    assert write(store, lambda tx: tx.save_body(body_of("whole"), LATER)) == name
    event = ToolReturned(effect=1, text="whole")
    assert read(store, lambda tx: tx.load_event(name)) == event
    assert read(store, lambda tx: tx.load_event("0" * 64)) is None


def test_a_story_has_every_effect_with_what_came_of_it(store: StorePort) -> None:
    answer = Answered(effect=1, model="a/b", text="Due.", stop=StopReason.END)

    def act(tx: Transaction) -> None:
        name = tx.save_body(msgspec.json.encode(answer), AT)
        tx.save_effect(effect_of("r", 2))
        tx.save_effect(effect_of("r", 1, EffectState.DONE, result=name))
        tx.save_effect(effect_of("r.1", 1))

    write(store, act)
    story = read(store, lambda tx: tx.load_story("r"))
    assert [(told.effect.number, told.event) for told in story] == [
        (1, answer),
        (2, None),
    ]
    assert read(store, lambda tx: tx.stored_text("r.1")) == "Due."
    for handle in ("r.2", "r.x", "r", "", "s.1"):
        assert read(store, lambda tx, handle=handle: tx.stored_text(handle)) is None


def test_texts_are_pruned_that_only_runs_use_which_were_over_before(
    store: StorePort,
) -> None:
    def act(tx: Transaction) -> None:
        over = begin(tx, "over")
        name = tx.save_body(body_of("of the run that is over"), AT)
        tx.save_effect(effect_of("over", 1, EffectState.DONE, result=name))
        tx.save_run(replace(over, phase=RunPhase.DONE), AT)
        begin(tx, "at-work")
        name = tx.save_body(body_of("of the run at work"), AT)
        tx.save_effect(effect_of("at-work", 1, EffectState.DONE, result=name))
        tx.save_body(body_of("of nobody, younger"), LATER)

    write(store, act)
    assert read(store, lambda tx: tx.prunable_bodies(AT)) == []
    prunable = read(store, lambda tx: tx.prunable_bodies(LATER))
    assert len(prunable) == 1  # the requests of both runs are the same texts
    assert write(store, lambda tx: tx.prune_bodies(LATER)) == 1
    assert write(store, lambda tx: tx.prune_bodies(LATER)) == 0
    assert read(store, lambda tx: tx.stored_text("over.1")) is None
    assert read(store, lambda tx: tx.stored_text("at-work.1")) == "of the run at work"
    assert read(store, lambda tx: tx.load_asked("at-work")) is not None
    work = read(store, lambda tx: tx.load_run("at-work"))
    write(store, lambda tx: tx.save_run(replace(work, phase=RunPhase.DONE), LATER))
    assert write(store, lambda tx: tx.prune_bodies(NEXT_DAY)) == 4
    assert read(store, lambda tx: tx.load_asked("at-work")) is None
    assert read(store, lambda tx: tx.load_run("at-work")).phase is RunPhase.DONE


@claim("state:bounds")
def test_work_that_was_over_long_ago_is_forgotten_unless_something_needs_it(
    store: StorePort,
) -> None:
    def act(tx: Transaction) -> None:
        for name in ("over", "slot", "doubt", "child", "child.1", "young"):
            run = begin(tx, name)
            tx.record_payment(payment(name, 70))
            at = LATER if name in {"child.1", "young"} else AT
            tx.save_run(replace(run, phase=RunPhase.DONE), at)
        begin(tx, "at-work")
        tx.save_effect(effect_of("over", 1, EffectState.DONE))
        tx.save_effect(effect_of("doubt", 1, EffectState.IN_DOUBT))
        tx.save_slot(slot_of(9))
        tx.assign_run_to_slot("weekly", slot_of(9).slot, "slot")
        tx.append_audit(line("asked", run="over"))

    write(store, act)
    spent = read(store, lambda tx: list(tx.sum_costs("agent")))
    assert write(store, lambda tx: tx.forget_runs(AT)) == 0
    assert write(store, lambda tx: tx.forget_runs(LATER)) == 1
    left = read(store, lambda tx: [run.id for run in tx.list_runs(NEXT_DAY)])
    assert sorted(left) == ["at-work", "child", "doubt", "slot", "young"]
    assert read(store, lambda tx: tx.load_effects("over")) == []
    assert read(store, lambda tx: list(tx.sum_costs("agent"))) == spent
    assert read(store, lambda tx: len(tx.audit_lines("over"))) == 1
    assert write(store, lambda tx: tx.forget_runs(NEXT_DAY)) == 2


@claim("state:bounds")
def test_old_slots_are_forgotten_but_not_the_last_of_a_prompt(store: StorePort) -> None:
    def act(tx: Transaction) -> None:
        for hour in range(6):
            tx.save_slot(slot_of(hour))
        tx.save_slot(slot_of(1, job="yearly"))

    def left() -> list[tuple[str, int]]:
        ticks = read(store, lambda tx: tx.slot_history())
        return [(tick.job, tick.slot.hour) for tick in ticks]

    write(store, act)
    before = slot_of(4).slot.isoformat()
    write(store, lambda tx: tx.forget_slots(before, kept=3))
    assert left() == [("weekly", 5), ("weekly", 4), ("weekly", 3), ("yearly", 1)]
    write(store, lambda tx: tx.forget_slots(before, kept=1))
    assert left() == [("weekly", 5), ("weekly", 4), ("yearly", 1)]


# costs


def test_a_payment_counts_in_every_scope(store: StorePort) -> None:
    write(store, lambda tx: tx.record_payment(payment("r.1", 30)))
    write(store, lambda tx: tx.record_payment(payment("r", 12, day="2026-11-22")))
    write(store, lambda tx: tx.record_payment(payment("r", -2, calls=0)))
    expected = {
        "run:r": 40,
        f"day:{DAY}": 28,
        "day:2026-11-22": 12,
        "month:2026-11": 40,
        f"agent:cfo:{DAY}": 28,
        "run:s": 0,
    }
    for scope, usd in expected.items():
        assert read(store, lambda tx, scope=scope: tx.spent_in_scope(scope)) == usd


def test_levels_have_what_is_spent_and_what_open_calls_reserve(
    store: StorePort,
) -> None:
    sent = {"day": DAY, "model": "a/b"}

    def act(tx: Transaction) -> None:
        tx.record_payment(payment("r", 5))
        tx.save_effect(effect_of("r", 1, EffectState.SENT, reserved=10, **sent))
        tx.save_effect(effect_of("s", 1, EffectState.SENT, reserved=100, **sent))
        more = {"day": "2026-11-30", "agent": "coo"}
        tx.save_effect(effect_of("s", 2, EffectState.SENT, reserved=1000, **more))
        tx.save_effect(effect_of("r", 2, EffectState.IN_DOUBT, reserved=9, **sent))

    write(store, act)
    scopes = (
        "run:r",
        f"day:{DAY}",
        "month:2026-11",
        f"agent:cfo:{DAY}",
        "day:2020-01-01",
    )
    caps = [Cap(scope=scope, name=scope, cap=7) for scope in scopes]
    levels = read(store, lambda tx: tx.cap_levels(caps))
    assert [(level.scope, level.cap) for level in levels] == [(s, 7) for s in scopes]
    assert [level.spent for level in levels] == [5, 5, 5, 5, 0]
    assert [level.reserved for level in levels] == [10, 110, 1110, 110, 0]


def test_costs_are_summed_by_key_since_a_day(store: StorePort) -> None:
    entries = [
        payment("r", 1, agent="coo", prompt="weekly"),
        payment("r", 30, day="2026-11-22", input=None),
        payment("s", 4, model="c/d", day="2026-11-20"),
    ]
    for entry in entries:
        write(store, lambda tx, entry=entry: tx.record_payment(entry))

    def summed(by: str, since: str = "") -> list[tuple[str, int]]:
        rows = read(store, lambda tx: tx.sum_costs(by, since=since))
        return [(row.key, row.usd) for row in rows]

    assert summed("agent") == [("cfo", 34), ("coo", 1)]
    assert summed("agent", DAY) == [("cfo", 30), ("coo", 1)]
    assert summed("model") == [("a/b", 31), ("c/d", 4)]
    assert summed("prompt") == [("", 34), ("weekly", 1)]
    assert summed("day") == [("2026-11-20", 4), (DAY, 1), ("2026-11-22", 30)]
    [whole, _] = read(store, lambda tx: tx.sum_costs("agent"))
    assert (whole.calls, whole.input_tokens, whole.output_tokens) == (2, 100, 20)


@claim("costs:checked")
def test_a_bill_is_compared_by_days_of_utc_without_what_plans_answered(
    store: StorePort,
) -> None:
    late = "2026-11-21T23:59:59+00:00"
    entries = [
        payment("r", 1, at=late, day="2026-11-22"),
        payment("r", 2, at=late, day="2026-11-22"),
        payment("r", 4, at="2026-11-22T00:00:00+00:00", day="2026-11-22"),
        payment("r", 8, at=late, model="c/d", plan=True),
        payment("r", 16, at="2026-11-20T10:00:00+00:00"),
    ]
    for entry in entries:
        write(store, lambda tx, entry=entry: tx.record_payment(entry))
    found = read(store, lambda tx: tx.sum_usage("2026-11-21", "2026-11-22"))
    assert [(row.day, row.model, row.usd) for row in found] == [
        ("2026-11-21", "a/b", 3),
        ("2026-11-22", "a/b", 4),
    ]
    assert (found[0].input_tokens, found[0].output_tokens) == (200, 20)


@claim("plans:apart")
def test_what_a_plan_answered_is_summed_apart(store: StorePort) -> None:
    for entry in (
        payment("r", 30),
        payment("r", 4, plan=True),
        payment("s", 2, plan=True, day="2026-11-22"),
        payment("s", -1, calls=-1, plan=True, day="2026-11-22"),
    ):
        write(store, lambda tx, entry=entry: tx.record_payment(entry))
    [row] = read(store, lambda tx: tx.sum_costs("agent"))
    assert (row.usd, row.plan_usd) == (35, 5)
    days = [(DAY, DAY), (DAY, "2026-11-30"), ("2026-11-23", "2026-11-30")]
    assert [
        read(store, lambda tx, a=first, b=last: tx.spent_by_plans(a, b))
        for first, last in days
    ] == [4, 5, 0]


@claim("plans:apart")
def test_an_effect_keeps_whether_a_plan_is_asked(store: StorePort) -> None:
    for number, plan in enumerate((True, False), 1):
        sent = effect_of("r", number, EffectState.SENT, model="a/b", plan=plan)
        write(store, lambda tx, row=sent: tx.save_effect(row))
        stored = read(store, lambda tx, n=number: tx.load_effect("r", n))
        assert stored.plan is plan


@claim("costs:stated")
def test_what_answers_say_they_cost_is_summed_beside_what_is_booked_for_them(
    store: StorePort,
) -> None:
    for entry in (
        payment("r", 30, stated=40),
        payment("r", 4, stated=0),
        payment("r", 5),
        payment("s", 7, model="c/d"),
        payment("s", 9, model="e/f", plan=True, stated=11),
    ):
        write(store, lambda tx, entry=entry: tx.record_payment(entry))
    rows = read(store, lambda tx: tx.sum_costs("model"))
    assert [
        (row.key, row.usd, row.stated_usd, row.stated_booked_usd, row.usd_by_answers)
        for row in rows
    ] == [("a/b", 39, 40, 34, 45), ("e/f", 9, 11, 9, 11), ("c/d", 7, None, 0, None)]
    days = read(store, lambda tx: tx.sum_usage(DAY, DAY))
    assert [(row.model, row.stated_usd, row.usd_by_answers) for row in days] == [
        ("a/b", 40, 45),
        ("c/d", None, None),
    ]


def test_a_run_and_an_effect_cost_their_own(store: StorePort) -> None:
    write(store, lambda tx: tx.record_payment(payment("r", 30)))
    write(store, lambda tx: tx.record_payment(payment("r", 5, effect=2)))
    write(store, lambda tx: tx.record_payment(payment("r.1", 7)))
    assert read(store, lambda tx: tx.cost_of_run("r")) == 35
    assert read(store, lambda tx: tx.cost_of_run("s")) == 0
    assert read(store, lambda tx: tx.cost_of_effect(effect_of("r", 2))) == 5e-06
    assert read(store, lambda tx: tx.cost_of_effect(effect_of("r", 9))) == 0


def test_the_last_costs_of_a_prompt_and_of_similar_runs_are_told(
    store: StorePort,
) -> None:
    def act(tx: Transaction) -> None:
        for i in range(4):
            run = begin(tx, f"r{i}", prompt="weekly", started=f"{DAY}T0{i}:00:00+00:00")
            if i:
                tx.record_payment(payment(run.id, i))
            phase = RunPhase.FAILED if i == 2 else RunPhase.DONE
            tx.save_run(replace(run, phase=phase), AT)
        begin(tx, "at-work", prompt="weekly", started=LATER)
        begin(tx, "r3.1", prompt="weekly")
        begin(tx, "other", prompt="daily", agent="coo")

    write(store, act)
    assert read(store, lambda tx: tx.costs_of_prompt("weekly", 20)) == [3, 2, 1, 0]
    assert read(store, lambda tx: tx.costs_of_prompt("weekly", 2)) == [3, 2]
    assert read(store, lambda tx: tx.costs_of_prompt("none", 2)) == []
    assert read(store, lambda tx: tx.costs_of_similar_runs("at-work", 10)) == [3, 1]
    assert read(store, lambda tx: tx.costs_of_similar_runs("at-work", 1)) == [3]
    assert read(store, lambda tx: tx.costs_of_similar_runs("other", 10)) == []


# audit and controls


def test_the_audit_is_one_chain(store: StorePort) -> None:
    for what in ("ruled", "done", "settled"):
        write(store, lambda tx, what=what: tx.append_audit(line(what)))
    lines = read(store, lambda tx: tx.audit_lines())
    assert [(one.seq, one.what) for one in lines] == [
        (1, "ruled"),
        (2, "done"),
        (3, "settled"),
    ]
    chain = read(store, lambda tx: tx.audit_chain())
    assert first_broken_line(chain) is None
    assert first_broken_line(chain[1:]) == 1


def test_the_audit_is_told_by_run_and_by_effect(store: StorePort) -> None:
    lines = [
        line("a", run="r"),
        line("b", run="r", effect=1, rule="first"),
        line("c", run="r", effect=1, rule="last"),
        line("d", run="r", effect=1),
        line("e", run="r.1", effect=1),
        line("f", run="r_1"),
    ]
    for one in lines:
        write(store, lambda tx, one=one: tx.append_audit(one))

    def told(run: str) -> str:
        return "".join(one.what for one in read(store, lambda tx: tx.audit_lines(run)))

    assert (told(""), told("r"), told("r.1"), told("s")) == ("abcdef", "abcde", "e", "")
    of_run = read(store, lambda tx: tx.audit_of_effect("r", 0))
    assert [one.what for one in of_run] == ["a"]
    assert read(store, lambda tx: tx.last_rule_applied(effect_of("r", 1))) == "last"
    assert read(store, lambda tx: tx.last_rule_applied(effect_of("r", 2))) == ""


def test_a_halt_holds_once_until_it_is_lifted_and_is_audited(store: StorePort) -> None:
    assert write(store, lambda tx: tx.halt("cfo", at=AT, by="me"))
    assert not write(store, lambda tx: tx.halt("cfo", at=LATER, by="you"))
    assert read(store, lambda tx: tx.anyone_halted())
    reason = f"cfo is halted since {AT} by me"
    assert read(store, lambda tx: tx.halt_reason(["coo", "cfo"])) == reason
    assert read(store, lambda tx: tx.halt_reason(["coo"])) == ""
    assert write(store, lambda tx: tx.halt("", at=LATER, by="me"))
    whole = f"the company is halted since {LATER} by me"
    assert read(store, lambda tx: tx.halt_reason(["cfo"])) == whole
    assert read(store, lambda tx: tx.halts()) == [
        Halt(scope="", since=LATER, by="me"),
        Halt(scope="cfo", since=AT, by="me"),
    ]
    assert write(store, lambda tx: tx.lift_halt("", at=LATER))
    assert write(store, lambda tx: tx.lift_halt("cfo", at=LATER))
    assert not write(store, lambda tx: tx.lift_halt("cfo", at=LATER))
    assert not read(store, lambda tx: tx.anyone_halted())
    audited = read(store, lambda tx: tx.audit_lines())
    assert [(one.what, one.agent) for one in audited] == [
        ("halted", "cfo"),
        ("halted", ""),
        ("resumed", ""),
        ("resumed", "cfo"),
    ]


def test_a_restriction_holds_once_until_it_is_lifted_and_is_audited(
    store: StorePort,
) -> None:
    assert write(store, lambda tx: tx.restrict_agent("coo", LATER, "it loops"))
    assert write(store, lambda tx: tx.restrict_agent("cfo", AT, "it hangs"))
    assert not write(store, lambda tx: tx.restrict_agent("cfo", LATER, "again"))
    assert read(store, lambda tx: tx.restrictions()) == [
        Restriction(agent="cfo", since=AT, why="it hangs"),
        Restriction(agent="coo", since=LATER, why="it loops"),
    ]
    assert read(store, lambda tx: tx.restriction_reason("cfo")) == "it hangs"
    assert write(store, lambda tx: tx.lift_restriction("cfo", LATER))
    assert not write(store, lambda tx: tx.lift_restriction("cfo", LATER))
    assert read(store, lambda tx: tx.restriction_reason("cfo")) == ""
    audited = read(store, lambda tx: tx.audit_lines())
    assert [(one.what, one.agent, one.why) for one in audited] == [
        ("restricted", "coo", "it loops"),
        ("restricted", "cfo", "it hangs"),
        ("lifted", "cfo", ""),
    ]


# models


def test_the_usage_of_a_model_counts_open_calls(store: StorePort) -> None:
    sent = effect_of("r", 2, EffectState.SENT, reserved=9, day=DAY, model="a/b")
    write(store, lambda tx: tx.record_payment(payment("r", 5, calls=2)))
    write(store, lambda tx: tx.save_effect(sent))
    usage = ModelUsage(calls=3, spent=5, reserved=9, tokens=110)
    assert read(store, lambda tx: tx.model_usage("a/b", DAY)) == usage
    nothing = ModelUsage(calls=0, spent=0, reserved=0)
    assert read(store, lambda tx: tx.model_usage("a/b", "2026-11-22")) == nothing
    assert read(store, lambda tx: tx.model_usage("c/d", DAY)) == nothing


def test_a_model_that_answered_is_healthy_again_but_not_by_a_doubt(
    store: StorePort,
) -> None:
    health = ModelHealth(model="a/b", failures=2, until=NOW, why="HTTP 500")
    assert read(store, lambda tx: tx.model_health("a/b")) is None
    write(store, lambda tx: tx.save_model_health(health))
    worse = replace(health, failures=3)
    write(store, lambda tx: tx.save_model_health(worse))
    write(store, lambda tx: tx.record_payment(payment("r", 5, in_doubt=1)))
    assert read(store, lambda tx: tx.model_health("a/b")) == worse
    write(store, lambda tx: tx.record_payment(payment("r", 5)))
    assert read(store, lambda tx: tx.model_health("a/b")) is None


def test_the_last_count_of_a_provider_is_kept(store: StorePort) -> None:
    assert read(store, lambda tx: tx.last_token_count("a/b")) is None
    write(store, lambda tx: tx.save_token_count("a/b", 100, 30))
    write(store, lambda tx: tx.save_token_count("a/b", 200, 50))
    assert read(store, lambda tx: tx.last_token_count("a/b")) == (200, 50)


def test_what_a_model_was_seen_to_take_is_kept(store: StorePort) -> None:
    at = datetime(2026, 11, 30, 12, tzinfo=UTC)
    seen = LearnedContext(model="a/b", tokens=4096, sent=7000, claimed=32768, at=at)
    assert read(store, lambda tx: tx.learned_context("a/b")) is None
    write(store, lambda tx: tx.save_learned_context(seen))
    write(store, lambda tx: tx.save_learned_context(replace(seen, tokens=2048)))
    assert read(store, lambda tx: tx.learned_context("a/b")) == replace(
        seen, tokens=2048
    )


# files


def written(path: str, run: str, effect: int, after: str, at: str = AT) -> WrittenFile:
    return WrittenFile(
        path=path, after=after, run=run, root="r", effect=effect, agent="coo", at=at
    )


def test_written_files_are_found_by_path_by_root_and_by_time(store: StorePort) -> None:
    first = written("drafts/a.md", "r", 3, "1" * 64)
    second = written("drafts/b.md", "r.2", 1, "2" * 64, LATER)
    other = replace(first, run="q", root="q", prompt="weekly", kept="drafts/a.old-1.md")
    for file in (first, second, other):
        write(store, lambda tx, file=file: tx.save_written_file(file))
    assert read(store, lambda tx: tx.files_written_since("")) == [first, second, other]
    assert read(store, lambda tx: tx.files_written_at("drafts/a.md")) == [first, other]
    near = read(store, lambda tx: tx.files_written_between("drafts/a", "drafts/b"))
    assert near == [first, other]
    assert read(store, lambda tx: tx.files_written_by("r")) == [first, second]
    assert read(store, lambda tx: tx.files_written_since(LATER)) == [second]


def test_an_act_that_is_settled_again_has_written_one_version(store: StorePort) -> None:
    first = written("drafts/a.md", "r", 3, "1" * 64)
    again = replace(first, after="2" * 64)
    write(store, lambda tx: tx.save_written_file(first))
    write(store, lambda tx: tx.save_written_file(again))
    assert read(store, lambda tx: tx.files_written_since("")) == [again]


# lines of agents


def test_lines_of_agents_are_known_until_they_are_the_oldest_of_too_many(
    store: StorePort,
) -> None:
    assert read(store, lambda tx: tx.known_agent_lines(["a"])) == set()
    write(store, lambda tx: tx.save_agent_lines(["a", "b"]))
    write(store, lambda tx: tx.save_agent_lines(["a"]))
    write(store, lambda tx: tx.save_agent_lines([]))
    assert read(store, lambda tx: tx.known_agent_lines(["a", "c", "b"])) == {"a", "b"}
    more = [str(number) for number in range(AGENT_LINES_KEPT - 1)]
    write(store, lambda tx: tx.save_agent_lines(more))
    assert read(store, lambda tx: tx.known_agent_lines(["a", "b", "0"])) == {"a", "0"}


# versions and undos


def test_a_version_of_a_file_is_kept_by_its_hash(store: StorePort) -> None:
    name = sha256(b"old").hexdigest()
    write(store, lambda tx: tx.save_version(b"old", AT))
    write(store, lambda tx: tx.save_version(b"old", LATER))
    assert read(store, lambda tx: tx.load_version(name)) == b"old"
    assert read(store, lambda tx: tx.load_version("0" * 64)) is None


def test_the_oldest_versions_go_first_when_there_is_too_much(
    store: StorePort, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shared_transaction, "KEPT_VERSION_BYTES", 8)
    names = [sha256(data).hexdigest() for data in (b"first", b"now", b"last")]
    write(store, lambda tx: tx.save_version(b"first", LATER))
    write(store, lambda tx: tx.save_version(b"now", AT))
    assert read(store, lambda tx: tx.load_version(names[1])) == b"now"
    write(store, lambda tx: tx.save_version(b"last", LATER))
    kept = [read(store, lambda tx, name=name: tx.load_version(name)) for name in names]
    assert kept == [None, b"now", b"last"]


def test_an_undo_is_begun_and_then_done(store: StorePort) -> None:
    begun = UndoRecord(
        name="r-undo-1", of="r", at=AT, files=(written("a.md", "u", 1, ""),)
    )
    done = replace(begun, done=True)
    write(store, lambda tx: tx.save_undo(begun))
    assert read(store, lambda tx: tx.find_undo("r-undo-1")) == begun
    write(store, lambda tx: tx.save_undo(done))
    assert read(store, lambda tx: tx.undos_of("r")) == [done]
    assert read(store, lambda tx: tx.find_undo("r")) is None
