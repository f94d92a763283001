"""A whole tree of runs in memory, with models that try everything, and books of its own on who reviewed what.

Effects are carried out as the runtime does, without a state, a model or a file. The books never look at what a
run says of its reviews: they are what the laws hold the run against.
"""

import json
from collections import Counter
from dataclasses import dataclass, field
from random import Random
from typing import Any

from heads import CALLS, KEEP, READ, call, says
from msgspec.structs import replace
from small_company import company_of

from agentco.briefing import child_briefs
from agentco.company import callable_names
from agentco.kernel import Trouble
from agentco.public_text import SOFT_RULES, Finding, TextRule, faults_of
from agentco.review import FiredTrigger, Verdict, call_refusal
from agentco.review.reviews_due import reviews_due
from agentco.runs import (
    Run,
    RunJob,
    RunPhase,
    StopReason,
    ToolCall,
    child_runs,
    effects,
    events,
)
from agentco.runs.advance import advance

AGENTS = ("coo", "cfo", "lawyer", "cto", "marketing", "accountant")
MISSING = ("nobody", "ghost")
TRIGGERS = ("tax", "legal", "trust", "money", "claims")
ENOUGH = 6000
AT = "2026-11-21T09:00:00+00:00"
Key = tuple[str, str]


@dataclass
class Book:
    """What really happened to one piece of work; a review is known by its trigger and its agent."""

    due: set[Key] = field(default_factory=set)
    said: dict[Key, Verdict] = field(default_factory=dict)
    faults: set[str] = field(default_factory=set)
    waived: set[str] = field(default_factory=set)
    failed: set[Key] = field(default_factory=set)
    started: int = 0
    drafts: int = 0
    examined: int = 0
    delivered: bool = False
    remembered: bool = False

    @property
    def unread(self) -> set[Key]:
        """What nobody reviewed, and the founder did not waive."""
        return {
            key
            for key in self.due
            if key not in self.said and key[0] not in self.waived
        }

    @property
    def blocked(self) -> set[str]:
        """What may not leave like that."""
        said = {
            key[0] for key, verdict in self.said.items() if verdict is Verdict.BLOCKING
        }
        return (
            said | {rule for rule in self.faults if rule not in SOFT_RULES}
        ) - self.waived


@dataclass
class Tree:
    """A root run and everything it starts; `dice` decide what models, reviewers and the founder do, and in what order.

    `waives` is how often in a hundred steps the founder overrules something.
    """

    dice: Random
    root: Run
    waives: int = 0
    runs: dict[str, Run] = field(default_factory=dict)
    books: dict[str, Book] = field(default_factory=dict)
    asked: dict[str, events.TaskAsked] = field(default_factory=dict)
    story: dict[str, dict[int, events.AnyEvent]] = field(default_factory=dict)
    out: list[tuple[str, effects.AnyEffect]] = field(default_factory=list)
    waiting: list[tuple[str, effects.AnyEffect]] = field(default_factory=list)
    orders: dict[str, effects.AnyEffect] = field(default_factory=dict)
    did: Counter[str] = field(default_factory=Counter)

    def drive(self) -> "Tree":
        """Everything that can happen, until nothing can."""
        self.begin(self.root, events.TaskAsked(task="Sell it.", given=(), stable=0))
        for _ in range(ENOUGH):
            if self.waives and self.dice.randrange(100) < self.waives:
                self.overrule()
            if not self.out and not (self.waives and self.overrule()):
                return self
            if self.out:
                self.perform(*self.out.pop(self.dice.randrange(len(self.out))))
        raise AssertionError("it does not end")

    def begin(self, run: Run, asked: events.TaskAsked) -> None:
        assert run.id not in self.runs
        self.runs[run.id], self.asked[run.id] = run, asked
        self.books[run.id], self.story[run.id] = Book(), {}
        self.happen(run.id, asked)

    def happen(self, name: str, event: events.AnyEvent) -> None:
        """What a run wants next; one that is over tells whoever started it."""
        before = self.runs[name]
        run, wanted = advance(before, event)
        self.story[name][event.effect] = event
        self.note(run, event)
        self.runs[name] = run
        for order in wanted:
            self.orders[f"{name}.{order.number}"] = order
            self.held_against(run, order)
            parked = isinstance(order, effects.OweReview) or (
                order.held and self.dice.randrange(2)
            )
            (self.waiting if parked else self.out).append((name, order))
        assert self.books[name].due <= {
            (one.trigger, one.agent) for one in run.reviews
        }, "a review disappeared"
        assert run.agent not in {one.agent for one in run.reviews}, "it reviews itself"
        if run.is_over and not before.is_over:
            self.ended(run)

    def note(self, run: Run, event: events.AnyEvent) -> None:
        """Write into the books what an event really says."""
        book = self.books[run.id]
        match event:
            case events.Examined():
                book.faults = set(faults_of(event.findings))
                book.due |= {(one.trigger, one.agent) for one in event.due}
            case events.Classified():
                book.due |= {(one.trigger, one.agent) for one in event.due}
            case events.Reviewed() if event.failed:
                book.failed |= {(trigger, event.agent) for trigger in event.under}
            case events.Reviewed():
                book.said |= {
                    (one.trigger, event.agent): one.verdict for one in event.opinions
                }
            case events.Delegated():  # what is owed for work that nobody saw is due anew
                book.failed -= {(one.trigger, one.agent) for one in event.owed}
            case events.Waived() if event.trigger in run.waived:
                book.waived.add(event.trigger)
                book.remembered = False
            case events.Delivered():
                book.delivered = True
            case _:
                pass

    def held_against(self, run: Run, order: effects.AnyEffect) -> None:
        """Nothing is ordered that the books forbid."""
        book = self.books[run.id]
        match order:
            case effects.Deliver():
                self.did["delivered"] += 1
                assert not book.blocked, f"delivered though {book.blocked} block"
                assert run.parent or not book.unread, (
                    f"delivered though nobody reviewed {book.unread}"
                )
                assert (
                    run.job is not RunJob.WORK or book.examined == order.answer > 0
                ), "nobody examined that"
            case effects.Examine():
                book.drafts += 1
                book.examined = order.draft
                assert book.drafts <= self.root.max_revisions + 1, "revised too often"
            case effects.Classify():
                open_ = {one.agent for one in run.open_reviews if not one.owed}
                unread = {
                    agent
                    for agent in open_
                    if not call_refusal(agent, run.chain, longest=run.max_chain)
                }
                assert book.started + 1 + len(unread) <= run.max_children, (
                    "a guess takes a reviewer's place"
                )
            case effects.Remember():
                assert not book.remembered, "how it ended is written down twice"
                book.remembered = True
            case effects.StartReview():
                keys = {(one.trigger, order.agent) for one in order.due}
                assert {book.said.get(key) for key in keys} <= {
                    None,
                    Verdict.BLOCKING,
                }, "somebody else looks again"
                assert not keys & book.failed, "who failed is asked again"
                assert order.draft == book.examined
            case _:
                pass

    def ended(self, run: Run) -> None:
        """What is over is told, and by nobody's word but the program's is a piece of work done."""
        self.did[f"{run.job}: {run.phase}"] += 1
        book = self.books[run.id]
        assert (
            run.phase is not RunPhase.DONE
            or run.job in {RunJob.REVIEW, RunJob.CLASSIFY}
            or book.delivered
        )
        self.out = [(name, order) for name, order in self.out if name != run.id]
        self.waiting = [(name, order) for name, order in self.waiting if name != run.id]
        if not run.parent:
            return
        parent, _, number = run.parent.rpartition(".")
        story = self.story[run.id]
        last = story.get(run.answer or 0)
        answers = [e for e in story.values() if isinstance(e, events.Answered)]
        told = child_runs.event_for_parent(
            run, self.orders[run.parent], answers, str(getattr(last, "text", ""))
        )
        if isinstance(told, events.Reviewed):
            assert {o.trigger: o.verdict for o in told.opinions} == (
                {} if told.failed else clear(run, answers)
            )
        if isinstance(told, events.Delegated):
            status = "done" if run.phase is RunPhase.DONE else str(run.phase)
            assert told.status == status
            if run.phase is RunPhase.DONE:
                mine = self.books[parent]
                mine.due |= {
                    (t, agent)
                    for t, agent in book.unread
                    if agent != self.runs[parent].agent
                }
        if int(number) in self.runs[parent].waits_for:
            self.happen(parent, told)

    def start(self, parent: str, run: Run, asked: events.TaskAsked) -> None:
        """A child begins, if the books say that it may."""
        caller, book = self.runs[parent], self.books[parent]
        book.started += 1
        assert book.started <= self.root.max_children, "a crowd"
        assert len(run.chain) <= self.root.max_chain, f"too deep: {run.chain}"
        if run.job in {RunJob.WORK, RunJob.REVIEW, RunJob.IMPROVE}:
            assert run.chain == (*caller.chain, run.agent)
            assert run.agent not in caller.chain, f"called back: {run.chain}"
        self.did[f"started: {run.job}"] += 1
        self.begin(run, asked)

    def overrule(self) -> bool:
        """The founder waives something that holds, or lets go on what was interrupted; False when nothing does."""
        held = [
            one for one in self.waiting if not isinstance(one[1], effects.OweReview)
        ]
        rows = {
            (name, o.trigger): o.number
            for name, o in self.waiting
            if isinstance(o, effects.OweReview)
        }
        holds = [
            (run.id, trigger)
            for run in self.runs.values()
            for trigger in run.waivable_holds
            if can_waive(run)
        ]
        if not held and not holds:
            return False
        if held and (not holds or self.dice.randrange(2)):
            self.waiting.remove(one := self.dice.choice(held))
            self.out.append(one)
            return True
        name, trigger = self.dice.choice(holds)
        number = rows.get((name, trigger), 0)
        self.waiting = [
            one for one in self.waiting if one[0] != name or one[1].number != number
        ]
        self.happen(
            name, events.Waived(effect=number, trigger=trigger, why="I read it")
        )
        self.did["waived"] += 1
        return True

    def perform(self, name: str, order: effects.AnyEffect) -> None:  # noqa: C901  one for each effect
        """What comes of an effect, as the runtime has it."""
        run, number, dice = self.runs[name], order.number, self.dice
        match order:
            case effects.AskModel(must=must):
                self.did[f"pressed for {must}"] += bool(must)
                self.happen(name, self.said(run, order))
            case effects.UseTool():
                misread = dice.randrange(4) == 0
                self.happen(
                    name,
                    events.ToolReturned(
                        effect=number, tool=order.call.name, text="x", misread=misread
                    ),
                )
            case effects.StartTask():
                child = child_runs.gather_run(run, order, AT)
                self.start(name, child, child_briefs.gather_prompt(order))
            case effects.Classify():
                child = child_runs.classify_run(run, order, AT)
                asked = child_briefs.classify_prompt("a draft", "the table")
                self.start(name, child, asked)
            case effects.StartReview():
                self.call_upon(name, order)
            case effects.DelegateWork() | effects.ProposeImprovement():
                self.call_upon(name, order)
            case effects.Examine():
                self.happen(name, self.examined(run, number))
            case effects.AskFounder():
                self.happen(
                    name,
                    events.Decided(
                        effect=number, text="yes", ok=dice.randrange(2) == 0
                    ),
                )
            case effects.Deliver():
                self.happen(
                    name,
                    events.Delivered(
                        effect=number, produced=True, dear=dice.randrange(9) == 0
                    ),
                )
            case effects.SaveDeliverable(path=path):
                self.happen(name, events.Saved(effect=number, file=path))
            case effects.Remember():
                self.happen(name, events.Remembered(effect=number))
            case effects.OweReview() | effects.CarryOutProposal():
                raise AssertionError("only the founder can")

    def call_upon(
        self,
        name: str,
        order: effects.StartReview | effects.DelegateWork | effects.ProposeImprovement,
    ) -> None:
        """Another department works, or says why it does not."""
        run = self.runs[name]
        person = PEOPLE.get(
            AGENTS[-1] if isinstance(order, effects.ProposeImprovement) else order.agent
        )
        why = (
            call_refusal(person.id, run.chain, longest=run.max_chain)
            if person
            else "there is no such agent"
        )
        if isinstance(order, effects.StartReview):
            under = tuple(one.trigger for one in order.due)
            if why or not person or self.dice.randrange(12) == 0:
                failed = why or "halted"
                self.happen(
                    name,
                    events.Reviewed(
                        effect=order.number,
                        agent=order.agent,
                        under=under,
                        failed=failed,
                    ),
                )
                return
            self.start(
                name,
                child_runs.review_run(run, order, person, AT),
                events.TaskAsked(task="?", given=(), stable=0),
            )
        elif why or not person:
            self.did["refused"] += 1
            self.happen(
                name, events.ToolReturned(effect=order.number, text=why, ok=False)
            )
        elif isinstance(order, effects.ProposeImprovement):
            self.start(
                name,
                child_runs.improve_run(run, order, person, AT),
                events.TaskAsked(task="?", given=(), stable=0),
            )
        else:
            child = replace(
                child_runs.delegate_run(run, order, person, AT),
                max_turns=self.root.max_turns,
                max_tool_calls=self.root.max_tool_calls,
            )
            tools = callable_names() if self.dice.randrange(3) else ("Read", "Lesson")
            self.start(
                name,
                replace(child, tools=tools),
                events.TaskAsked(task="?", given=(), stable=0),
            )

    def examined(self, run: Run, number: int) -> events.Examined:
        """Random words, and by the real rule whose reviews they make due."""
        dice = self.dice

        def fired() -> tuple[FiredTrigger, ...]:
            return tuple(
                FiredTrigger(
                    trigger=t,
                    words=("x",),
                    line=1,
                    consult=self.names(2),
                    any_of=self.names(2),
                )
                for t in dice.sample(TRIGGERS, dice.choice([0, 0, 1, 1, 2, 4]))
            )

        rules = dice.sample(sorted(TextRule), dice.choice([0, 0, 0, 1, 2]))
        found = tuple(
            Finding(rule=TextRule(rule), line=1, text="x", hint="mend it")
            for rule in rules
        )
        perhaps = (
            reviews_due(fired(), run.chain, known, run.agent)
            if dice.randrange(3) == 0
            else ()
        )
        return events.Examined(
            effect=number,
            due=reviews_due(fired(), run.chain, known, run.agent),
            findings=found,
            perhaps=perhaps,
        )

    def names(self, most: int) -> tuple[str, ...]:
        return tuple(
            self.dice.sample((*AGENTS, *MISSING), self.dice.randrange(most + 1))
        )

    def said(self, run: Run, order: effects.AskModel) -> events.AnyEvent:
        """What a model says that tries everything; that nothing comes of it is possible too."""
        dice, number = self.dice, order.number
        odd = dice.randrange(40)
        if odd == 0:
            limit = dice.choice(sorted(events.CallLimit))
            return events.Refused(
                effect=number, limit=events.CallLimit(limit), reason="no"
            )
        if odd == 1:
            return events.ModelFailed(
                effect=number, trouble=dice.choice(list(Trouble)), reason="no"
            )
        stop = (
            dice.choice([StopReason.LENGTH, StopReason.REFUSED]) if odd == 2 else None
        )
        text = dice.choice(["", "A draft.", "A draft."])
        tried = dice.randrange(2 if run.job is RunJob.WORK else 4)
        return says(
            number,
            text,
            *(self.tool(run, i) for i in range(dice.randrange(5) if tried else 0)),
            stop=stop,
        )

    def tool(self, run: Run, i: int) -> ToolCall:
        """A call of any tool; a reviewer's verdicts are every kind of right and wrong."""
        dice = self.dice
        name = dice.choice([*CALLS, "Delegate", "Delegate", "Verdict", "Keep"])
        if run.job is RunJob.REVIEW and dice.randrange(4):
            name = "Verdict"
        arguments: Any = {"Keep": KEEP, "Read": READ}.get(name, CALLS[name])
        if name == "Delegate":
            arguments = json.dumps(
                {
                    "agent": dice.choice([*AGENTS, *MISSING]),
                    "what": "Do it",
                    "reason": "new",
                }
            )
        if name == "Verdict":
            under = [
                *run.under,
                *run.under[: dice.randrange(2)],
                *(["other"] if dice.randrange(5) == 0 else []),
            ]
            given = [t for t in under if dice.randrange(12)]
            words = [
                "APPROVED",
                "APPROVED",
                "CONCERNS",
                "BLOCKING",
                *(["approved"] if dice.randrange(9) == 0 else []),
            ]
            arguments = json.dumps(
                {
                    "verdicts": [
                        {"trigger": t, "verdict": dice.choice(words)} for t in given
                    ]
                }
            )
        if name == "Consult":
            arguments = json.dumps({"triggers": [*dice.sample(TRIGGERS, 2), "made up"]})
        return call(name, arguments, f"c{i}")


def clear(run: Run, answers: list[events.Answered]) -> dict[str, Verdict]:
    """What a reviewer said last of each trigger, read anew: BLOCKING where it says two things."""
    found: dict[str, Verdict] = {}
    for answer in answers:
        said = [c for c in answer.calls if c.name == "Verdict"]
        given = [one for c in said for one in json.loads(c.arguments)["verdicts"]]
        words = {
            t: [one["verdict"] for one in given if one["trigger"] == t]
            for t in run.under
        }
        sure = (
            given
            and not {one["verdict"] for one in given} - {*Verdict}
            and all("[]" not in c.arguments for c in said)
        )
        found |= {
            t: Verdict(w[0]) if len(w) == 1 else Verdict.BLOCKING
            for t, w in words.items()
            if sure and w
        }
    return found


def can_waive(run: Run) -> bool:
    """Whether a waiver of the founder's is heard: while it is at work, and once it is blocked."""
    return run.phase is RunPhase.BLOCKED or not run.is_over


ROLES = {
    f".github/agents/{name}.agent.md": f"---\ndescription: Does {name}.\n---\nI am {name}.\n"
    for name in AGENTS
}
PEOPLE = {one.id: one for one in company_of(ROLES).agents}


def known(name: str) -> str | None:
    return name if name in PEOPLE else None
