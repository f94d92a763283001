"""What plain code sees in a draft: whose reviews are due, and what a public text may not say."""

import re
from asyncio import to_thread
from html import unescape

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import FILE as BOARD
from agentco.engine.office import Office, Transaction
from agentco.review.findings import Finding
from agentco.review.public_text import findings, standards
from agentco.review.reviews_due import due
from agentco.review.triggers import Fired, fired, looks_at, table
from agentco.rules.permissions import normal
from agentco.runs.actions import KINDS, Read, Skill, read_call
from agentco.runs.effects import Examine, Row, UseTool
from agentco.runs.events import Asked, Decided, Examined, ToolReturned
from agentco.runs.prompt_parts import DAY_PLAN
from agentco.runs.run import Run

AGENTS_WRITE = frozenset({"drafts", "memory", ".agentco"})
"""Folders that hold agents' words beside the founder's."""
MIXED = frozenset({BOARD.casefold(), DAY_PLAN})
"""What else does."""
FILE = re.compile(r'<file file="([^"]*)">(.*?)</file>', re.DOTALL)


class Draft(Struct, frozen=True, kw_only=True):
    """A draft, what it was made from, and the words in it that are no agent's."""

    run: Run
    text: str
    task: str
    words: tuple[str, ...]


async def examine(row: Row, effect: Examine, office: Office) -> Examined:
    """What is due for a draft, and what is wrong with a public one."""
    draft = await office.read(seen, row, effect)
    run, settings = draft.run, office.settings
    triggers = tuple(
        one
        for one in table(settings.triggers)
        if looks_at(one, run.agent, public=run.public)
    )
    called_for = [*fired(draft.text, triggers, author=run.agent, public=run.public)]
    names = {one.trigger for one in called_for}
    for one in fired(draft.task, triggers, author=run.agent, public=run.public):
        called_for += [] if one.trigger in names else [replace(one, line=0)]
    left = [
        one
        for one in triggers
        if one.name not in {found.trigger for found in called_for}
    ]
    perhaps = [
        Fired(trigger=t.name, words=(), line=0, consult=t.consult, any_of=t.any_of)
        for t in left
    ]
    found = await in_public(draft, office) if run.public else ()
    return Examined(
        effect=row.number,
        due=due(called_for, run.chain, office.named, run.agent),
        findings=found,
        perhaps=due(perhaps, run.chain, office.named, run.agent)
        if settings.reviews.classifier
        else (),
    )


async def in_public(draft: Draft, office: Office) -> tuple[Finding, ...]:
    """What a public text may not say."""
    async with office.at_tools:
        graph = await to_thread(office.tools.graph)
    rules = standards(
        office.settings, graph, words=draft.words, today=office.today(), hint=draft.task
    )
    return await to_thread(findings, draft.text, rules)


def seen(t: Transaction, row: Row, effect: Examine) -> Draft:
    """The draft that an effect is about."""
    run, asked = t.run(row.run), t.asked(row.run)
    return Draft(
        run=run,
        text=t.stored(f"{run.id}.{effect.draft}") or "",
        task=asked.task if asked else "",
        words=(*told_by_founder(run, asked), *words_of(t, run.id))
        if run.public
        else (),
    )


def words_of(t: Transaction, name: str) -> tuple[str, ...]:
    """The founder's words, and what was read of what the founder keeps; drafts are agents' words.

    What one department asks of another is no founder's word: of delegated work it is what the root was asked.
    """
    run, found = t.run(name), list[str]()
    for told in t.story(name):
        if isinstance(told.event, Decided) and told.event.ok:
            found.append(told.event.text)
        if (
            isinstance(told.effect, UseTool)
            and isinstance(told.event, ToolReturned)
            and told.event.ok
        ):
            action = read_call(told.effect.call, KINDS)
            if isinstance(action, Skill):
                found.append(told.event.text)
            elif (
                isinstance(action, Read)
                and not action.handle
                and is_founders(action.path)
            ):
                found.append(
                    told.event.text.partition("\n")[2]
                )  # the first line counts lines, as the agent chose
    asked = t.asked(run.root) if len(t.run(run.root).chain) == 1 else None
    return (asked.task if asked else "", *found)


def told_by_founder(run: Run, asked: Asked | None) -> tuple[str, ...]:
    """What the company's own files say to an agent, and the founder's files that came along."""
    if asked is None:
        return ()
    stable = tuple(said.text for said in asked.given[: asked.stable])
    brought = asked.given[-1].text if len(run.chain) == 1 else ""
    along = (
        file[2] for file in FILE.finditer(brought) if is_founders(unescape(file[1]))
    )
    return (*stable, *along)


def is_founders(path: str) -> bool:
    """Whether a file holds the founder's words: drafts, board, plan, memory and results hold agents' words too."""
    plain = (normal(path) or "").casefold()
    return (
        bool(plain)
        and plain not in MIXED
        and plain.partition("/")[0] not in AGENTS_WRITE
    )
