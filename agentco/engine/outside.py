"""What a run is told that the founder did not write, and marks on what it writes from then on."""

import re
from collections.abc import Iterable

from agentco.engine.effect_input import (
    EffectInput,
    decisions,
    task_of_founder,
    tool_results,
)
from agentco.page.addresses import strange_addresses
from agentco.ports.store import Transaction
from agentco.review.deliverable import split_answer
from agentco.review.founder_files import files_given, founders_files, is_founders_file
from agentco.review.outside_texts import (
    MAX_REASON_CHARS,
    is_from_outside,
    line_marks,
    outside_files,
    says_outside,
)
from agentco.rules.outside import UNTRUSTED_WORK
from agentco.runs.actions import Action, Board, Compute, Edit, Read, Search
from agentco.runs.board_changes import texts_of
from agentco.runs.effects import FileImage
from agentco.runs.events import TaskAsked
from agentco.runs.run import Run
from agentco.runs.tool_calls import MisreadCall

_HIT_PLACE = re.compile(r"^([^:\n]+):\d+: ", re.MULTILINE)
_VERSION = re.compile(r", hash ([0-9a-f]{8,})\]")


def outside_of_result(tx: Transaction, action: Action, text: str) -> str:
    """Return what of a tool's result the founder did not write; empty where all is theirs."""
    match action:
        case Read(handle="", path=path) | Compute(file=path) if path:
            if is_from_outside(path) or says_outside(text):
                return path[:MAX_REASON_CHARS]
            if was_written_outside(tx, path, text):
                return UNTRUSTED_WORK
        case Search(handle=""):
            paths = _HIT_PLACE.findall(text)
            if found := outside_files(paths):
                return found
            text = _HIT_PLACE.sub("", text)
        case _:
            pass
    inner = isinstance(action, Board)
    return UNTRUSTED_WORK if holds_marked_lines(tx, (text,), inner=inner) else ""


def was_written_outside(tx: Transaction, path: str, text: str) -> bool:
    """Whether the version of a file that was read is one that an untrusted run wrote."""
    version = _VERSION.search(text.partition("\n")[0])
    if not version:
        return False
    return any(
        file.after.startswith(version[1]) and tx.load_run(file.run).outside
        for file in tx.files_written_at(path)
    )


def holds_marked_lines(
    tx: Transaction, texts: Iterable[str], *, inner: bool = False
) -> bool:
    """Whether a line of these texts, or with `inner` any part of one, was marked."""
    marks = {mark for text in texts for mark in line_marks(text, inner=inner)}
    return bool(marks and tx.known_agent_lines(marks))


def outside_of_task(tx: Transaction, run: Run, asked: TaskAsked) -> str:
    """Return what a root is told from outside as it begins: by its files, or by work it follows."""
    if asked.outside:
        return asked.outside
    if run.follows and (before := tx.load_run(run.follows).outside):
        return before
    told = [message.text for message in asked.given]
    for path, text in files_given(told):
        if says_outside(text):
            return path[:MAX_REASON_CHARS]
    return UNTRUSTED_WORK if holds_marked_lines(tx, told) else ""


def marks_of_act(
    effect: EffectInput, action: Action | MisreadCall | None, image: FileImage | None
) -> tuple[str, ...]:
    """Return the marks of what an untrusted run writes by an act."""
    texts = list[str]()
    match action:
        case Edit(text=text, new=new):
            texts += [text, new]
            diff = image.diff if image else ""
            texts += (line[1:] for line in diff.splitlines() if line[:1] == "+")
        case Board():
            texts += texts_of(action)  # the rest of a line may be the founder's
        case _:
            return ()
    return marks_of_texts(effect, texts)


def marks_of_texts(effect: EffectInput, texts: Iterable[str]) -> tuple[str, ...]:
    """Return the marks of lines, but for those that the founder wrote."""
    if not effect.run.outside:
        return ()
    theirs = {mark for text in effect.founders for mark in line_marks(text)}
    marks = dict.fromkeys(mark for text in texts for mark in line_marks(text))
    return tuple(mark for mark in marks if mark not in theirs)


def strange_in_act(
    effect: EffectInput, action: Action | MisreadCall | None
) -> tuple[str, ...]:
    """Return the addresses that an untrusted run would write and the founder did not give."""
    if not effect.run.outside or not isinstance(action, Edit):
        return ()
    return strange_addresses(f"{action.text}\n{action.new}", effect.founders)


def strange_in_draft(effect: EffectInput) -> tuple[str, ...]:
    """Return the same of an untrusted run's draft."""
    if not effect.run.outside or effect.text is None:
        return ()
    return strange_addresses(split_answer(effect.text).text, effect.founders)


def founders_texts(tx: Transaction, run: Run) -> tuple[str, ...]:
    """Return what the founder wrote of all that a run was told: task, answers, their own files."""
    asked, story = tx.load_asked(run.id), tx.load_story(run.id)
    task, _ = task_of_founder(tx, run)
    texts = [task, *decisions(story)]
    if asked:
        given = (message.text for message in asked.given)
        texts += founders_files(given)
    for action, text in tool_results(story):
        is_file = isinstance(action, Read) and is_founders_file(action.path)
        if is_file and not outside_of_result(tx, action, text):
            texts.append(text)
    return tuple(texts)
