"""What plain code sees in a draft: whose reviews are due, and what a public text may not say."""

import re
from asyncio import to_thread
from html import unescape

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE as BOARD
from agentco.engine.office import Office
from agentco.engine.store import Transaction
from agentco.review.findings import Finding
from agentco.review.public_text import build_standards, check_public_text
from agentco.review.reviews_due import reviews_due
from agentco.review.triggers import (
    FiredTrigger,
    fired_triggers,
    merge_triggers,
    watches_author,
)
from agentco.rules.permissions import normalize_path
from agentco.runs.actions import ACTIONS_BY_NAME, Read, Skill, read_call
from agentco.runs.effects import EffectRecord, Examine, UseTool
from agentco.runs.events import Decided, Examined, TaskAsked, ToolReturned
from agentco.runs.prompt_parts import DAY_PLAN
from agentco.runs.run import Run

AGENT_FOLDERS = frozenset({"drafts", "memory", ".agentco"})
"""Folders that hold agents' words beside the founder's."""
MIXED_FILES = frozenset({BOARD.casefold(), DAY_PLAN})
"""What else does."""
FILE_TAG = re.compile(r'<file file="([^"]*)">(.*?)</file>', re.DOTALL)


class ExaminedDraft(Struct, frozen=True, kw_only=True):
    """A draft, what it was made from, and the words in it that are no agent's."""

    run: Run
    text: str
    task: str
    words: tuple[str, ...]


async def examine_draft(row: EffectRecord, effect: Examine, office: Office) -> Examined:
    """What is due for a draft, and what is wrong with a public one."""
    draft = await office.read(load_draft, row, effect)
    run, settings = draft.run, office.settings
    triggers = tuple(
        one
        for one in merge_triggers(settings.triggers)
        if watches_author(one, run.agent, public=run.public)
    )
    called_for = [
        *fired_triggers(draft.text, triggers, author=run.agent, public=run.public)
    ]
    names = {one.trigger for one in called_for}
    for one in fired_triggers(
        draft.task, triggers, author=run.agent, public=run.public
    ):
        called_for += [] if one.trigger in names else [replace(one, line=0)]
    left = [
        one
        for one in triggers
        if one.name not in {found.trigger for found in called_for}
    ]
    perhaps = [
        FiredTrigger(
            trigger=t.name, words=(), line=0, consult=t.consult, any_of=t.any_of
        )
        for t in left
    ]
    found = await public_findings(draft, office) if run.public else ()
    return Examined(
        effect=row.number,
        due=reviews_due(called_for, run.chain, office.agent_id, run.agent),
        findings=found,
        perhaps=reviews_due(perhaps, run.chain, office.agent_id, run.agent)
        if settings.reviews.classifier
        else (),
    )


async def public_findings(draft: ExaminedDraft, office: Office) -> tuple[Finding, ...]:
    """What a public text may not say."""
    async with office.at_tools:
        graph = await to_thread(office.tools.load_graph)
    rules = build_standards(
        office.settings, graph, words=draft.words, today=office.today(), hint=draft.task
    )
    return await to_thread(check_public_text, draft.text, rules)


def load_draft(tx: Transaction, row: EffectRecord, effect: Examine) -> ExaminedDraft:
    """The draft that an effect is about."""
    run, asked = tx.load_run(row.run), tx.load_asked(row.run)
    return ExaminedDraft(
        run=run,
        text=tx.stored_text(f"{run.id}.{effect.draft}") or "",
        task=asked.task if asked else "",
        words=(*founder_words(run, asked), *trusted_words(tx, run.id))
        if run.public
        else (),
    )


def trusted_words(tx: Transaction, name: str) -> tuple[str, ...]:
    """The founder's words, and what was read of what the founder keeps; drafts are agents' words.

    What one department asks of another is no founder's word: of delegated work it is what the root was asked.
    """
    run, found = tx.load_run(name), list[str]()
    for told in tx.load_story(name):
        if isinstance(told.event, Decided) and told.event.ok:
            found.append(told.event.text)
        if (
            isinstance(told.effect, UseTool)
            and isinstance(told.event, ToolReturned)
            and told.event.ok
        ):
            action = read_call(told.effect.call, ACTIONS_BY_NAME)
            if isinstance(action, Skill):
                found.append(told.event.text)
            elif (
                isinstance(action, Read)
                and not action.handle
                and is_founders_file(action.path)
            ):
                found.append(
                    told.event.text.partition("\n")[2]
                )  # the first line counts lines, as the agent chose
    asked = tx.load_asked(run.root) if len(tx.load_run(run.root).chain) == 1 else None
    return (asked.task if asked else "", *found)


def founder_words(run: Run, asked: TaskAsked | None) -> tuple[str, ...]:
    """What the company's own files say to an agent, and the founder's files that came along."""
    if asked is None:
        return ()
    stable = tuple(said.text for said in asked.given[: asked.stable])
    brought = asked.given[-1].text if len(run.chain) == 1 else ""
    along = (
        file[2]
        for file in FILE_TAG.finditer(brought)
        if is_founders_file(unescape(file[1]))
    )
    return (*stable, *along)


def is_founders_file(path: str) -> bool:
    """Whether a file holds the founder's words: drafts, board, plan, memory and results hold agents' words too."""
    plain = (normalize_path(path) or "").casefold()
    return (
        bool(plain)
        and plain not in MIXED_FILES
        and plain.partition("/")[0] not in AGENT_FOLDERS
    )
