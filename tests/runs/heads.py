"""Runs, calls and whatever can happen to them, as values for tests and laws."""

from typing import Any

from hypothesis import strategies as st
from msgspec import UNSET
from msgspec.structs import replace

from agentco.company import Tier, callable_names
from agentco.kernel import Trouble
from agentco.public_text import Finding, TextRule
from agentco.review import DueReview, Opinion, Verdict
from agentco.runs import (
    Answered,
    AnyEffect,
    AnyEvent,
    AskFounder,
    AskModel,
    CallLimit,
    Cancelled,
    CarryOutProposal,
    ChatMessage,
    ChildFinished,
    Classified,
    Classify,
    Decided,
    Delegated,
    DelegateWork,
    Deliver,
    Delivered,
    Examine,
    Examined,
    MessageRole,
    ModelFailed,
    OweReview,
    ProposeImprovement,
    Refused,
    Remember,
    Remembered,
    Reviewed,
    Run,
    Saved,
    SaveDeliverable,
    StartReview,
    StartTask,
    StopReason,
    TaskAsked,
    ToolCall,
    ToolReturned,
    UseTool,
    Waived,
)
from agentco.runs.advance import advance

ASKED = TaskAsked(
    task="What is due?",
    given=(ChatMessage(role=MessageRole.SYSTEM, text="You are the CFO."),),
    stable=1,
)
READ, GATHER = '{"path": "BOARD.md"}', '{"handle": "r.2", "question": "What is due?"}'
QUESTION, UNREADABLE = '{"question": "How much?"}', '{"path": 7}'
DELEGATION, KEEP = (
    '{"agent": "marketing", "what": "Draft it", "reason": "new"}',
    '{"answer": "It is true."}',
)
VERDICT, CONSULT = (
    '{"verdicts": [{"trigger": "tax", "verdict": "APPROVED"}]}',
    '{"triggers": ["tax"]}',
)
CALLS = {
    "Read": READ,
    "Gather": GATHER,
    "AskFounder": QUESTION,
    "Board": UNREADABLE,
    "Fly": "{}",
    "Delegate": DELEGATION,
    "Keep": KEEP,
    "Improve": '{"gap": "nobody says how to price"}',
    "Lesson": '{"category": "process", "summary": "s", "detail": "d", "action": "a"}',
    "Verdict": VERDICT,
    "Consult": CONSULT,
}


STORED_TOOLS = (
    "Read",
    "Search",
    "Memory",
    "Board",
    "Skill",
    "AskFounder",
    "Lesson",
    "Gather",
    "Delegate",
    "Improve",
    "Keep",
    "Verdict",
    "Consult",
)
"""Every tool, in the order in which the stored examples name them."""


def run_of(**more: Any) -> Run:
    """A run that was not asked anything yet."""
    facts: dict[str, Any] = {
        "id": "r",
        "root": "r",
        "agent": "cfo",
        "chain": ("cfo",),
        "title": "What is due?",
        "started": "2026-11-21T09:00:00+00:00",
        "tier": Tier.MEDIUM,
        "tools": STORED_TOOLS,
        "max_turns": 40,
        "max_tool_calls": 100,
    }
    return Run(**facts | more)


def call(name: str = "Read", arguments: str = READ, id_: str = "call_1_0") -> ToolCall:
    return ToolCall(id=id_, name=name, arguments=arguments)


def says(
    effect: int, text: str = "", *calls: ToolCall, stop: StopReason | None = None
) -> Answered:
    """What a model answers."""
    ended = stop or (StopReason.TOOLS if calls else StopReason.END)
    return Answered(
        effect=effect, model="workshop/m", text=text, calls=calls, stop=ended
    )


def calls(count: int, effect: int = 1) -> tuple[ToolCall, ...]:
    """So many calls that can be read, each with an id of its own."""
    return tuple(call(id_=f"call_{effect}_{i}") for i in range(count))


def after(*events: AnyEvent, run: Run | None = None) -> tuple[Run, list[AnyEffect]]:
    """The run after all of them, and what it wanted last."""
    now, wanted = advance(run or run_of(), ASKED)
    for event in events:
        now, wanted = advance(now, event)
    return now, wanted


NAMES = st.sampled_from(sorted(CALLS))
TEXTS = st.sampled_from(["", "  ", "It is due on Wednesday."])


def spoken(text: str, names: list[str], stop: StopReason) -> Answered:
    """An answer with calls of these tools."""
    return says(
        0, text, *(call(n, CALLS[n], f"c{i}") for i, n in enumerate(names)), stop=stop
    )


ANSWERS = st.builds(
    spoken,
    TEXTS,
    st.lists(NAMES, max_size=20),
    st.sampled_from(
        [
            StopReason.TOOLS,
            StopReason.TOOLS,
            StopReason.TOOLS,
            StopReason.END,
            StopReason.LENGTH,
            StopReason.REFUSED,
        ]
    ),
)
FAILURES = st.builds(
    ModelFailed,
    trouble=st.sampled_from(Trouble),
    reason=st.just("no answer"),
    recovered=st.booleans(),
)
REFUSALS = st.builds(
    Refused,
    limit=st.sampled_from(CallLimit),
    reason=st.just("the run's budget is $1.00"),
)


WHO = st.sampled_from(["", "accountant", "lawyer", "cto", "cfo"])
TRIGGERS = st.sampled_from(["tax", "legal", "trust", "how-it-works"])


def due_of(trigger: str, agent: str) -> DueReview:
    """A review that is due; without an agent it is owed."""
    return DueReview(
        trigger=trigger,
        agent=agent,
        words=("tax",),
        line=1,
        owed="" if agent else "there is no such agent",
    )


DUES = st.lists(st.builds(due_of, TRIGGERS, WHO), max_size=4).map(tuple)
FINDINGS = st.lists(
    st.builds(
        Finding,
        rule=st.sampled_from(TextRule),
        line=st.just(1),
        text=TEXTS,
        hint=st.just("mend it"),
    ),
    max_size=2,
).map(tuple)


def reviews(agent: str, under: tuple[str, ...]) -> st.SearchStrategy[Reviewed]:
    """Whatever a reviewer may come back with: an opinion on each, on none, on others, or nothing."""
    opinion = st.builds(
        Opinion,
        trigger=st.sampled_from([*under, "other"]),
        verdict=st.sampled_from(Verdict),
    )
    every = st.tuples(
        *(
            st.builds(Opinion, trigger=st.just(t), verdict=st.sampled_from(Verdict))
            for t in under
        )
    )
    said = st.one_of(every, every, st.lists(opinion, max_size=2).map(tuple))
    failed = st.sampled_from(["", "", "", "it timed out"])
    return st.builds(
        Reviewed,
        agent=st.just(agent),
        under=st.just(under),
        opinions=said,
        failed=failed,
    )


def outcomes(wanted: AnyEffect) -> st.SearchStrategy[AnyEvent]:  # noqa: C901, PLR0912  one for each effect
    """Everything that can come of an effect."""
    found: st.SearchStrategy[Any]
    match wanted:
        case AskModel():
            found = st.one_of(ANSWERS, ANSWERS, ANSWERS, FAILURES, REFUSALS)
        case UseTool(call=asked):
            misread = st.booleans()
            found = st.builds(
                ToolReturned,
                tool=st.just(asked.name),
                text=TEXTS,
                ok=st.booleans(),
                misread=misread,
            )
        case StartTask() | ProposeImprovement():
            found = st.builds(ChildFinished, text=TEXTS, ok=st.booleans())
        case AskFounder():
            found = st.builds(Decided, text=TEXTS, ok=st.booleans())
        case DelegateWork(agent=agent):
            status = st.sampled_from(["done", "blocked", "failed", "waiting"])
            found = st.builds(
                Delegated, agent=st.just(agent), status=status, text=TEXTS, owed=DUES
            )
        case Examine():
            found = st.builds(Examined, due=DUES, findings=FINDINGS, perhaps=DUES)
        case Classify(perhaps=perhaps):
            found = st.builds(Classified, due=st.just(perhaps))
        case StartReview(agent=agent, due=due):
            found = reviews(agent, tuple(one.trigger for one in due))
        case OweReview(trigger=trigger):
            found = st.builds(
                Waived, trigger=st.just(trigger), why=st.just("I read it")
            )
        case Deliver():
            save_to = st.sampled_from([UNSET, "drafts/x.md"])
            found = st.builds(
                Delivered, produced=st.booleans(), dear=st.booleans(), save_to=save_to
            )
        case SaveDeliverable(path=path):
            problem = st.sampled_from(["", "", "not written"])
            found = st.builds(Saved, file=st.just(path), problem=problem)
        case Remember():
            found = st.just(Remembered())
        case CarryOutProposal():
            found = st.builds(ToolReturned, tool=st.just("Memory"), text=TEXTS)
    return found.map(lambda event: replace(event, effect=wanted.number))


NUMBERS = st.integers(1, 60)


def numbered(number: int, event: AnyEvent) -> AnyEvent:
    """The event, said to come of an effect."""
    return replace(event, effect=number)


ANYTHING: st.SearchStrategy[AnyEvent] = st.one_of(
    st.builds(Delivered, effect=NUMBERS),
    st.builds(Remembered, effect=NUMBERS),
    st.builds(
        ToolReturned, effect=NUMBERS, text=TEXTS, misread=st.booleans(), tool=NAMES
    ),
    st.builds(ChildFinished, effect=NUMBERS, text=TEXTS, ok=st.booleans()),
    st.builds(Decided, effect=NUMBERS, text=TEXTS),
    st.builds(Examined, effect=NUMBERS, due=DUES, findings=FINDINGS),
    st.builds(
        Delegated,
        effect=NUMBERS,
        agent=WHO,
        status=st.just("done"),
        text=TEXTS,
        owed=DUES,
    ),
    st.builds(numbered, NUMBERS, reviews("lawyer", ("legal",))),
    st.builds(Waived, effect=NUMBERS, trigger=TRIGGERS, why=st.just("")),
    st.builds(numbered, NUMBERS, st.one_of(ANSWERS, FAILURES, REFUSALS)),
    st.just(Cancelled(reason="enough")),
)
RUNS = st.builds(
    run_of,
    prompt=st.sampled_from(["", "weekly"]),
    max_turns=st.integers(1, 6),
    max_tool_calls=st.integers(0, 30),
    quick=st.booleans(),
    parent=st.sampled_from([None, None, "q.1"]),
    max_revisions=st.integers(0, 2),
    max_chain=st.integers(1, 3),
    max_children=st.integers(1, 12),
    tools=st.sampled_from([(), ("Read", "Search"), callable_names()]),
)
