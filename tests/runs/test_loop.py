"""Going round in circles: what is a loop, what is not, and how a run ends that is in one."""

import pytest
from claims import claim
from heads import call, says
from hypothesis import given, strategies as st
from offices import Firm, on_every_store, scripted, uses
from wire.server import Say, WireServer

from agentco.runs import (
    AskModel,
    Delegated,
    DelegateWork,
    EffectState,
    Examine,
    Examined,
    RunPhase,
    StoryEntry,
    ToolReturned,
    UseTool,
)
from agentco.supervision import describe_loop

READ, OTHER = uses("Read", '{"path": "BOARD.md"}'), uses("Search", '{"words": "VAT"}')
DONE = Say(text="It is due on Wednesday.")
Turn = list[tuple[str, str, str]]


def story(*turns: Turn | str) -> list[StoryEntry]:
    """Turns of (tool, arguments, result); a text is a draft."""
    told, number = list[StoryEntry](), 0
    for turn in turns:
        number += 1
        wanted = [] if isinstance(turn, str) else turn
        calls = tuple(call(name, said) for name, said, _ in wanted)
        told.append(
            StoryEntry(
                effect=AskModel(number=number),
                event=says(number, "" if calls else "draft", *calls),
            )
        )
        for one, (name, _, result) in zip(calls, wanted, strict=True):
            number += 1
            agent, _, what = result.partition(":")
            told.append(
                StoryEntry(
                    effect=DelegateWork(
                        number=number, call=one, agent=agent, task="T1", what=what
                    ),
                    event=Delegated(
                        effect=number, agent=agent, status="done", text=f"{number}"
                    ),
                )
                if name == "Delegate"
                else StoryEntry(
                    effect=UseTool(number=number, call=one),
                    event=ToolReturned(effect=number, tool=name, text=result),
                )
            )
        if isinstance(turn, str):
            number += 1
            told.append(
                StoryEntry(
                    effect=Examine(number=number, draft=number - 1),
                    event=Examined(effect=number),
                )
            )
    return told


def reads(path: str, result: str = "the same") -> Turn:
    return [("Read", f'{{"path": "{path}"}}', result)]


def gives(agent: str, what: str = "Draft it") -> Turn:
    return [("Delegate", "{}", f"{agent}:{what}")]


A, B, C, D = (reads(name) for name in "abcd")
SPELT = [("read", ' {"first_line": 1, "path": "a"} ', "the same")]


def searches(words: str, result: str = "no file has all of these words") -> Turn:
    return [("Search", f'{{"words": "{words}"}}', result)]


EMPTY = [searches(f"word{i}") for i in range(9)]
UNKNOWN = [[("Fly", f'{{"to": {i}}}', "there is no tool 'Fly'")] for i in range(9)]
LOOPS = {
    "three times": (A, A, A),
    "three times after other work": (B, C, A, A, A),
    "however it is spelt": (A, SPELT, A),
    "two that alternate": (A, B, A, B),
    "three that go round": (A, B, C, A, B, C, A),
    "what cannot be read": ([("Fly", "{", "no such tool")],) * 3,
    "several at once": (A + B, B + A, A + B),
    "to and fro between two departments": (
        gives("marketing"),
        gives("cfo"),
        gives("marketing", "draft  it"),
    ),
    "again and again to one department": (gives("marketing"),) * 3,
    "the same search in other spaces and case": (
        searches("VAT return", "a: 1"),
        searches(" vat  RETURN ", "a: 1"),
        searches("Vat return", "a: 1"),
    ),
    "one file by other spellings of its path": (
        reads("notes/a.md", "[notes/a.md: lines 1 to 1 of 1]"),
        reads("./notes/a.md", "[./notes/a.md: lines 1 to 1 of 1]"),
        reads("notes//a.md", "[notes//a.md: lines 1 to 1 of 1]"),
    ),
    "an unknown tool with other arguments": (*UNKNOWN[:3],),
    "searches that find nothing": (*EMPTY,),
    "searches that find the same": tuple(
        searches(f"vat {i}", "a: 1") for i in range(9)
    ),
    "files that are not there, after one that is": (
        reads("here"),
        *([("Unread", "{}", f"no tool {i}")] for i in range(8)),
    ),
}


WORK = {
    "an audit of many files": tuple(
        reads(f"docs/{i}.md", f"# Page {i}") for i in range(30)
    ),
    "an audit of many files of the same content": tuple(
        reads(f"docs/{i}.md", f"[docs/{i}.md: lines 1 to 1 of 1]") for i in range(30)
    ),
    "one file in parts": tuple(
        [("Read", f'{{"path": "a", "first_line": {i}}}', f"line {i}")]
        for i in range(1, 30)
    ),
    "many tasks for the board": tuple(
        [("Board", f'{{"operation": "add", "title": "Task {i}"}}', "added")]
        for i in range(30)
    ),
    "a hit between misses": (*EMPTY[:8], searches("VAT", "a: 1"), *EMPTY[:5]),
    "news beside a miss in every turn": tuple(
        searches(f"word{i}") + reads(f"{i}.md") for i in range(30)
    ),
    "nothing yet": (),
    "twice": (A, A),
    "another result": (A, reads("a", "changed"), A),
    "with something new between": (A, B, A, C, A),
    "side by side": (A * 3, B),
    "with a draft between": (A, A, "draft", A, "draft", A, A),
    "other work for one department": (
        gives("cfo", "Count"),
        gives("cfo", "Add up"),
        gives("cfo", "Write it down"),
    ),
    "departments in turn": (
        gives("marketing"),
        gives("cfo", "Check it"),
        gives("marketing", "Put it right"),
    ),
    "a look after each delegation": (A, gives("marketing"), A, gives("cfo"), A),
}


@claim("watch:loop")
@pytest.mark.parametrize("turns", LOOPS.values(), ids=LOOPS)
def test_who_calls_for_the_same_and_hears_nothing_new_goes_round_in_circles(
    turns: tuple[Turn, ...],
) -> None:
    assert describe_loop(story(*turns)).startswith("it ")
    assert describe_loop(story(*turns[:-1])) == ""


@claim("watch:loop")
@pytest.mark.parametrize("turns", WORK.values(), ids=WORK)
def test_who_hears_news_or_writes_a_draft_is_at_work(
    turns: tuple[Turn | str, ...],
) -> None:
    assert describe_loop(story(*turns)) == ""


@claim("watch:loop")
@given(st.lists(st.sampled_from("abcdef"), max_size=12), st.integers(1, 5))
def test_a_cycle_of_any_length_ends_and_news_in_every_turn_never_does(
    names: list[str], length: int
) -> None:
    fresh = [reads(name, f"{i}") for i, name in enumerate(names)]
    assert describe_loop(story(*fresh)) == ""
    cycle = [reads(f"cycle{i}") for i in range(length)] * 3
    assert describe_loop(story(*fresh, *cycle))


@claim("watch:loop")
def test_the_reason_names_the_tool_and_what_it_was_used_on() -> None:
    assert (
        describe_loop(story(A, A, A))
        == "it went round in a circle: Read a brought nothing new, three times"
    )
    assert (
        describe_loop(story(A, B, A, B))
        == "it went round in a circle, to and fro: Read a, then Read b"
    )
    to_and_fro = story(gives("marketing"), gives("cfo"), gives("marketing"))
    assert (
        describe_loop(to_and_fro)
        == "it passed the same work to and fro: marketing, cfo, marketing"
    )
    assert len(describe_loop(story(*[reads("x" * 5000)] * 3))) < 300


@claim("watch:ended")
@pytest.mark.parametrize(
    ("says", "calls"),
    [([READ], 3), ([READ, OTHER, READ, OTHER, READ], 4), ([uses("Fly", "{")], 3)],
)
def test_fault_66_a_loop_ends_the_run_with_the_reason_and_nothing_starts_it_again(
    firm: Firm, wire: WireServer, says: list[Say], calls: int
) -> None:
    scripted(wire, *says)
    run = firm.ask(quick=False)
    assert (run.phase, run.reason[:25]) == (
        RunPhase.FAILED,
        "it went round in a circle",
    )
    assert (
        wire.bill.requests,
        firm.rows(run, EffectState.TODO, EffectState.HELD, EffectState.SENT),
    ) == (calls, [])
    assert firm.spent(run) == wire.bill.micro_usd
    assert [line.why for line in firm.audit(run) if line.what == "failed"] == [
        run.reason
    ]
    assert (firm.go_on(run), wire.bill.requests) == (run, calls)


@claim("watch:ended")
def test_a_prompt_that_ends_in_a_loop_is_remembered_as_failed(
    firm: Firm, wire: WireServer
) -> None:
    scripted(wire, READ)
    run = firm.ask(name="weekly-review")
    assert (run.phase, firm.tools.tracked) == (
        RunPhase.FAILED,
        [("weekly-review", "failed")],
    )


@claim("watch:ended")
@on_every_store
def test_a_reader_that_goes_round_ends_alone_and_its_caller_goes_on(
    firm: Firm, wire: WireServer
) -> None:
    (firm.root / "log.txt").write_text("a line\n" * 3000)
    asks = uses("Gather", '{"handle": "run1.2", "question": "Who?"}')
    again = uses("Read", '{"handle": "run1.2"}')
    scripted(wire, uses("Read", '{"path": "log.txt"}'), asks, DONE, light=[again])
    run = firm.ask()
    assert (run.phase, firm.answer(run)) == (RunPhase.DONE, DONE.text)
    [reader] = [
        one for one in firm.read(lambda tx: tx.runs_of_root(run.id)) if one.parent
    ]
    assert (reader.phase, wire.bill.requests) == (RunPhase.FAILED, 6)


@claim("watch:loop")
def test_looking_again_after_a_change_is_no_loop(firm: Firm, wire: WireServer) -> None:
    adds = [
        uses("Board", f'{{"operation": "add", "title": "Call bank {i}"}}')
        for i in range(4)
    ]
    shows = uses("Board", '{"operation": "show"}')
    scripted(wire, *(say for add in adds for say in (shows, add)), shows, DONE)
    assert firm.ask().phase is RunPhase.DONE
