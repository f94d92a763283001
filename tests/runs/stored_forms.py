"""The stored forms of runs, events and effects of one format: an example of each, as it lies in a state.

`python tests/runs/stored_forms.py` writes the examples of the present format that are not there yet. Those
that are there were written by a release, and are never written again.
"""

from pathlib import Path
from typing import Any, get_args

import msgspec
from heads import run_of

from agentco.company import Reasoning, Tier
from agentco.kernel import Trouble
from agentco.public_text import Finding, TextRule
from agentco.review import DueReview, Opinion, Verdict
from agentco.rules import GENESIS_HASH, AuditLine
from agentco.runs import (
    RUN_FORMAT,
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
    Entity,
    Examine,
    Examined,
    FileImage,
    Memory,
    MemoryAct,
    MessageRole,
    ModelFailed,
    OweReview,
    ProposeImprovement,
    Refused,
    Remember,
    Remembered,
    Review,
    Reviewed,
    Run,
    RunJob,
    RunPhase,
    Saved,
    SaveDeliverable,
    StartReview,
    StartTask,
    StopReason,
    TaskAsked,
    TokenUsage,
    ToolCall,
    ToolReturned,
    UseTool,
    Waived,
)

FOLDER = Path(__file__).parent / "stored"
DUE = DueReview(trigger="legal", agent="lawyer", words=("terms",), line=3)
OWED = DueReview(trigger="tax", owed="there is no agent 'accountant'")
CALL = ToolCall(id="call_1_0", name="Read", arguments='{"path": "BOARD.md"}')
MESSAGES = (
    ChatMessage(role=MessageRole.SYSTEM, text="You are the CFO."),
    ChatMessage(role=MessageRole.USER, text="What is due? É 25 €."),
    ChatMessage(role=MessageRole.ASSISTANT, calls=(CALL,)),
    ChatMessage(role=MessageRole.TOOL, text="- [ ] VAT", call="call_1_0"),
)
TYPES: dict[str, Any] = {
    "asked": TaskAsked,
    "event": AnyEvent,
    "effect": AnyEffect,
    "run": Run,
    "audit": AuditLine,
    "image": FileImage,
}
EXAMPLES: dict[str, Any] = {
    "run": run_of(),
    "run-alone": run_of(id="r.2", parent="r.2", alone=True),
    "run-pressed": run_of(id="r.2", parent="r.2", job=RunJob.REVIEW, pressed=True),
    "run-decided": run_of(
        id="r.2",
        parent="r.2",
        job=RunJob.REVIEW,
        under=("legal", "tax"),
        decided=("tax",),
        pressed=True,
    ),
    "run-elsewhere": run_of(
        id="r.2", parent="r.2", job=RunJob.REVIEW, pressed=True, elsewhere=5
    ),
    "run-longer": run_of(max_output=12_000, reasoning=Reasoning.OFF),
    "run-cut": run_of(goes_on=3, cuts=2, said=4_000, longer=True),
    "run-child": run_of(
        id="r.2",
        parent="r.2",
        prompt="weekly",
        follows="q",
        model="workshop/m",
        tier=Tier.LIGHT,
        quick=True,
        turns=3,
        tool_calls=4,
        next=7,
        waits_for=(5, 6),
        misread=("Read",),
        lost=1,
        phase=RunPhase.OUT_OF_BUDGET,
        ending=RunPhase.DONE,
        answer=4,
        reason="it has had its 40 turns",
        job=RunJob.REVIEW,
        public=True,
        under=("legal",),
        reviews=(
            Review(
                trigger="legal",
                agent="lawyer",
                words=("terms",),
                line=3,
                verdict=Verdict.CONCERNS,
                round=1,
            ),
            Review(trigger="tax", owed="it timed out", heard=True),
        ),
        faults=("claims",),
        waived=("voice",),
        round=2,
        max_revisions=1,
        max_chain=2,
        children=4,
        max_children=5,
    ),
    "event-asked": TaskAsked(
        task="What is due?",
        given=MESSAGES,
        stable=1,
        base="0" * 64,
        skills=("tax",),
        files={"BOARD.md": "1" * 64},
        produces={"drafts/**": "2" * 64},
    ),
    "asked-brief": TaskAsked(
        task="What is due?", given=MESSAGES, stable=1, brief=MESSAGES[:1]
    ),
    "event-answered--made-up": Answered(
        effect=3,
        model="mine/m",
        text="{}",
        stop=StopReason.END,
        made_up="it is a bare piece of JSON",
    ),
    "event-answered": Answered(
        effect=1,
        model="workshop/m",
        passed=("down/m cannot be reached",),
        text="Let me look.",
        calls=(CALL,),
        stop=StopReason.TOOLS,
        usage=TokenUsage(input=300, output=7, cached=100),
    ),
    "event-tool-returned": ToolReturned(
        effect=2, tool="Read", text="- [ ] VAT", ok=False, misread=True
    ),
    "event-tool-returned--outside": ToolReturned(
        effect=2, tool="Read", text="Pay us.", outside="post/offer.eml"
    ),
    "event-child-finished--outside": ChildFinished(
        effect=2, text="VAT", ok=True, outside="post/offer.eml"
    ),
    "event-delegated--outside": Delegated(
        effect=2,
        agent="marketing",
        status="done",
        text="The post.",
        outside="post/offer.eml",
    ),
    "event-reviewed--outside": Reviewed(
        effect=3, agent="lawyer", under=("legal",), outside="post/offer.eml"
    ),
    "event-asked--outside": TaskAsked(
        task="Read it.", given=(), stable=0, outside="post/offer.eml"
    ),
    "run-outside": run_of(outside="post/offer.eml"),
    "event-child-finished": ChildFinished(effect=2, text="VAT", ok=True),
    "event-delegated": Delegated(
        effect=2, agent="marketing", status="done", text="The post.", owed=(DUE, OWED)
    ),
    "event-examined": Examined(
        effect=2,
        due=(DUE,),
        findings=(
            Finding(
                rule=TextRule.CLAIMS, line=1, text="certified", hint="leave it out"
            ),
        ),
        perhaps=(OWED,),
    ),
    "event-examined--weighed": Examined(
        effect=2,
        findings=(
            Finding(
                rule=TextRule.CLAIMS,
                line=1,
                text="trusted by",
                hint="leave it out",
                weighed="It is »trusted by« all. (is +1.5, all else +1.7: +3.2, held above 0)",
            ),
        ),
    ),
    "event-classified": Classified(effect=3, due=(OWED,)),
    "event-reviewed": Reviewed(
        effect=3,
        agent="lawyer",
        under=("legal",),
        opinions=(
            Opinion(
                trigger="legal",
                verdict=Verdict.BLOCKING,
                because="it promises",
                change="say less",
            ),
        ),
        failed="it timed out",
    ),
    "event-waived": Waived(effect=4, trigger="legal", why="I read it"),
    "event-decided": Decided(effect=2, text="Nine euros.", ok=False),
    "event-delivered": Delivered(effect=3, produced=False, dear=True),
    "event-remembered": Remembered(effect=4),
    "event-refused": Refused(
        effect=1, limit=CallLimit.BUDGET, reason="the run's budget is $1.00"
    ),
    "event-failed": ModelFailed(
        effect=1,
        trouble=Trouble.LOST,
        reason="it broke off",
        recovered=True,
        until="2026-11-21T09:01:00+00:00",
    ),
    "event-cancelled": Cancelled(reason="enough"),
    "effect-ask-model": AskModel(
        number=1,
        held=True,
        last=True,
        revise=True,
        lesson="it was blocked",
        must="Verdict",
    ),
    "effect-use-tool": UseTool(number=2, call=CALL, again=True),
    "effect-start-task": StartTask(
        number=2, call=CALL, question="What is due?", handle="r.9"
    ),
    "effect-delegate": DelegateWork(
        number=2, call=CALL, agent="marketing", task="T12", what="Draft the post"
    ),
    "effect-improve": ProposeImprovement(
        number=2, call=CALL, gap="nobody says how to price"
    ),
    "effect-examine": Examine(number=2, draft=1),
    "effect-classify": Classify(number=3, draft=1, perhaps=(OWED,)),
    "effect-start-review": StartReview(
        number=3, agent="lawyer", due=(DUE,), draft=1, round=1
    ),
    "effect-owe-review": OweReview(
        number=4, trigger="tax", why="there is no such agent"
    ),
    "effect-ask-founder": AskFounder(number=2, call=CALL, question="How much?"),
    "effect-deliver": Deliver(number=3, answer=1),
    "effect-remember": Remember(number=4, prompt="weekly", outcome="no-result"),
    "effect-carry-out-proposal": CarryOutProposal(
        number=5,
        what="create_entities: deadline:vat · deadline · Due: 2026-11-25",
        action=Memory(
            operation=MemoryAct.CREATE_ENTITIES,
            entities=(
                Entity(
                    name="deadline:vat",
                    entity_type="deadline",
                    observations=("Due: 2026-11-25",),
                ),
            ),
        ),
    ),
    "audit": AuditLine(
        seq=1,
        at="2026-11-21T09:00:00+00:00",
        what="ruled",
        run="r",
        effect=1,
        ruling="allow",
        rule="x",
        usd=5,
        prev=GENESIS_HASH,
    ),
    "audit--rows": AuditLine(
        seq=2,
        at="2026-11-21T09:00:01+00:00",
        what="sent",
        run="r",
        effect=1,
        rows={"effects/r.1": "1" * 64, "halts/cfo": ""},
        state="2" * 64,
        prev="3" * 64,
    ),
    "image": FileImage(file="BOARD.md", before="0" * 64, after="1" * 64),
    "effect-save-deliverable": SaveDeliverable(
        number=9,
        answer=4,
        path="drafts/weekly-review-2026-11-21.md",
        reason="nothing changed of what it produces",
        dear=True,
    ),
    "event-saved": Saved(
        effect=9,
        file="drafts/weekly-review-2026-11-21.md",
        kept="drafts/weekly-review-2026-11-21.old-1.md",
        problem="not written to drafts/x.md: you said no",
        reason="nothing changed of what it produces",
        dear=True,
    ),
    "event-delivered--saved": Delivered(effect=8, save_to="drafts/x.md"),
    "asked-saved": TaskAsked(
        task="Review the week.", given=MESSAGES, stable=1, deliver_to="drafts/x.md"
    ),
    "image-kept": FileImage(
        file="drafts/x.md", before="0" * 64, after="1" * 64, kept="drafts/x.old-1.md"
    ),
    "image-board": FileImage(
        file="BOARD.md",
        before="0" * 64,
        after="1" * 64,
        diff="--- BOARD.md\n+++ BOARD.md\n@@ -1 +0,0 @@\n-- [ ] VAT @cfo id:T1",
        ruled_as=("delete @cfo",),
    ),
    "image-shown": FileImage(
        file="bin/run",
        before="0" * 64,
        after="1" * 64,
        executable=True,
        diff="--- bin/run\n+++ bin/run\n@@ -1 +1 @@\n-a\n+b",
    ),
}


def kind_of(name: str) -> Any:
    """What an example is read as."""
    return TYPES[name.partition("-")[0]]


def tags(union: Any) -> set[str]:
    """The names under which the members of a union are stored."""
    return {str(kind.__struct_config__.tag) for kind in get_args(union)}


def main() -> None:
    """Write the examples that are not there yet."""
    folder = FOLDER / str(RUN_FORMAT)
    folder.mkdir(parents=True, exist_ok=True)
    for name, value in EXAMPLES.items():
        place = folder / f"{name}.json"
        if not place.exists():
            place.write_bytes(msgspec.json.encode(value) + b"\n")


if __name__ == "__main__":
    main()
