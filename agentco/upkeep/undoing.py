"""Take back what a run did: its files, its lines of the board and of the memory, and nothing else.

    plan_undo ──▶ begun, with what it will write, in the state ──▶ carried out ──▶ done

What was begun is finished by the next undo. An undo is taken back like a run.
"""

from collections.abc import Iterable, Mapping
from hashlib import sha256

from msgspec import Struct
from msgspec.structs import replace

from agentco.board.document import BOARD_FILE, TaskBoard
from agentco.desk.open_company import OpenCompany
from agentco.engine.write_audit import append_line
from agentco.file_formats.text_diff import diff_text
from agentco.kernel.errors import WrongUsage
from agentco.kernel.names import FOUNDER
from agentco.kernel.run_ids import is_within, root_of
from agentco.memory.lines import Provenance
from agentco.memory.taking_back import RunLines, cut_lines_of, find_run_lines
from agentco.memory.trash import Removal
from agentco.memory.vouching import texts_of_line
from agentco.overview.run_status import find_run
from agentco.ports.store import Transaction
from agentco.ports.stored_values import UndoRecord, WrittenFile
from agentco.rules.memory_rights import is_founders_word, is_written_by_agent
from agentco.runs.effects import EffectState
from agentco.upkeep.undo_plan import (
    FileFacts,
    LeftAsItIs,
    UndoStep,
    board_bytes,
    board_of,
    plan_board,
    plan_files,
)

LEFT_OPEN = (EffectState.IN_DOUBT, EffectState.SETTLED)
"""Acts of which nobody knows whether they were done: the file tells."""


class UndoPlan(Struct, frozen=True, kw_only=True):
    """What an undo of `of` would do: `versions` are the bytes by hash that it needs.

    `unfinished` is one that was begun and is finished first.
    """

    of: str
    files: tuple[UndoStep, ...]
    lines: RunLines
    removals: tuple[Removal, ...]
    left: tuple[LeftAsItIs, ...]
    versions: Mapping[str, bytes]
    unfinished: UndoRecord | None = None

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to take back."""
        return not (self.files or self.lines.own or self.removals or self.unfinished)

    @property
    def texts_gone(self) -> list[str]:
        """What goes out of the memory."""
        return [text for line in self.lines.own for text in texts_of_line(line)]

    def diffs(self) -> list[str]:
        """What changes in each file, as lines."""
        return [
            diff_text(step.path, self._text(step.before), self._text(step.after) or "")
            for step in self.files
        ]

    def _text(self, name: str) -> str | None:
        return self.versions[name].decode("utf-8", "replace") if name else None


class Undone(Struct, frozen=True, kw_only=True):
    """What was taken back, under which name, and what was not after all."""

    name: str
    files: tuple[UndoStep, ...]
    left: tuple[LeftAsItIs, ...]


class _Found(Struct, frozen=True, kw_only=True):
    of: str
    written: tuple[WrittenFile, ...]
    others: dict[str, list[WrittenFile]]
    versions: dict[str, bytes]
    unfinished: UndoRecord | None


def plan_undo(company: OpenCompany, name: str) -> UndoPlan:
    """See what of a run, or of an undo, can be taken back.

    Raises WrongUsage for an unknown run, or one that is at work.
    """
    company.require_writable()
    if not company.state.exists():
        raise WrongUsage(f"no run {name!r}", hint="nothing has run yet")
    now = company.now_iso()
    with company.state.open() as store:
        found = store.read(lambda tx: _find(tx, name, now)).result()
    files = [file for file in found.written if file.path != BOARD_FILE]
    on_board = [file for file in found.written if file.path == BOARD_FILE]
    versions = {**found.versions}
    facts = _look_at_files(company, files, found, versions)
    planned = list(plan_files(files, facts))
    left = [part for part in planned if isinstance(part, LeftAsItIs)]
    steps = [part for part in planned if isinstance(part, UndoStep)]
    if on_board:
        before = company.board.read()
        after, kept = plan_board(before, on_board, versions)
        left += kept
        steps += _board_step(before, after, versions)
    lines = find_run_lines(company.memory.load_graph(), found.of, is_agents_own_word)
    left += _memory_left(lines)
    return UndoPlan(
        of=found.of,
        files=tuple(steps),
        lines=lines,
        removals=tuple(company.memory.removals_by(found.of)),
        left=tuple(left),
        versions=versions,
        unfinished=found.unfinished,
    )


def is_agents_own_word(said: Provenance) -> bool:
    """Whether an agent said it and the founder does not vouch for it."""
    return is_written_by_agent(said) and not is_founders_word(said)


def _find(tx: Transaction, name: str, now: str) -> _Found:
    undo = tx.find_undo(name)
    of = undo.name if undo else find_run(tx, name, now).id
    written = [
        file for file in tx.files_written_by(root_of(of)) if is_within(file.run, of)
    ]
    if not undo:
        run = tx.load_run(of)
        if not run.is_over:
            what = f"run {of} is still at work, or waits"
            raise WrongUsage(what, hint=f"agentco runs cancel {of} ends it")
        written += _unsettled(tx, of, written)
    paths = {file.path for file in written}
    hashes = {name for file in written for name in (file.before, file.after) if name}
    versions = {name: tx.load_version(name) for name in hashes}
    open_undos = [undo for undo in tx.undos_of(of) if not undo.done]
    return _Found(
        of=of,
        written=tuple(written),
        others={path: list(tx.files_written_at(path)) for path in paths},
        versions={name: data for name, data in versions.items() if data is not None},
        unfinished=open_undos[0] if open_undos else None,
    )


def _unsettled(
    tx: Transaction, of: str, written: Iterable[WrittenFile]
) -> list[WrittenFile]:
    """What acts may have written whose end nobody saw."""
    known = {(file.run, file.effect) for file in written}
    rows = [row for row in tx.load_effects(root_of(of), *LEFT_OPEN) if row.image]
    return [
        WrittenFile(
            path=row.image.file,
            before=row.image.before,
            after=row.image.after,
            kept=row.image.kept,
            run=row.run,
            root=row.root,
            effect=row.number,
            agent=row.agent,
            at=row.at,
        )
        for row in rows
        if row.image and is_within(row.run, of) and (row.run, row.number) not in known
    ]


def _look_at_files(
    company: OpenCompany,
    files: Iterable[WrittenFile],
    found: _Found,
    versions: dict[str, bytes],
) -> FileFacts:
    now, unreadable = dict[str, str](), dict[str, str]()
    reader = company.versions()
    for path in {path for file in files for path in (file.path, file.kept) if path}:
        try:
            data = reader.read(path)
        except WrongUsage as error:
            unreadable[path] = error.what
            continue
        if data is not None:
            now[path] = sha256(data).hexdigest()
            versions[now[path]] = data
    return FileFacts(
        now=now, others=found.others, kept={*versions}, unreadable=unreadable
    )


def _board_step(
    before: TaskBoard, after: TaskBoard, versions: dict[str, bytes]
) -> list[UndoStep]:
    old, new = board_bytes(before), board_bytes(after)
    if old == new:
        return []
    names = [sha256(data).hexdigest() for data in (old, new)]
    versions.update(zip(names, (old, new), strict=True))
    return [UndoStep(path=BOARD_FILE, before=names[0], after=names[1])]


def _memory_left(lines: RunLines) -> Iterable[LeftAsItIs]:
    for line in lines.built_on:
        for text in texts_of_line(line):
            yield LeftAsItIs(what=text, why="a relation that others wrote leads to it")
    for line in lines.approved:
        if line.by == FOUNDER or is_written_by_agent(line):
            for text in texts_of_line(line):
                hint = "agentco memory delete takes it away"
                yield LeftAsItIs(what=text, why="you approved it", hint=hint)


def carry_out_undo(company: OpenCompany, plan: UndoPlan) -> Undone:
    """Do what was planned: it is stored first, so that it is finished whatever happens.

    Raises NeedsFounder without trust.
    """
    if plan.unfinished:
        return _finish(company, plan.unfinished)
    return _finish(company, company.write_state(lambda tx: _begin(tx, company, plan)))


def _begin(tx: Transaction, company: OpenCompany, plan: UndoPlan) -> UndoRecord:
    at, keeper = company.now_iso(), company.versions()
    number = len(tx.undos_of(plan.of)) + 1
    name = f"{plan.of.replace('.', '-')}-undo-{number}"
    files = tuple(
        WrittenFile(
            path=step.path,
            before=step.before,
            after=step.after,
            run=name,
            root=root_of(name),
            effect=number,
            agent=FOUNDER,
            at=at,
        )
        for number, step in enumerate(plan.files, 1)
    )
    for step in plan.files:
        for version in (step.before, step.after):
            if version and keeper.may_be_kept(step.path, plan.versions[version]):
                tx.save_version(plan.versions[version], at)
    undo = UndoRecord(name=name, of=plan.of, at=at, files=files)
    tx.save_undo(undo)
    append_line(tx, at, "undo-begun", run=root_of(plan.of), agent=FOUNDER, why=name)
    return undo


def _finish(company: OpenCompany, undo: UndoRecord) -> Undone:
    """Write what an undo says, each file once however often it is tried."""
    done, left = list[WrittenFile](), list[LeftAsItIs]()
    for file in undo.files:
        try:
            _put(company, file, undo.name)
            done.append(file)
        except WrongUsage as error:
            left.append(LeftAsItIs(what=file.path, why=error.what, hint=error.hint))
    company.memory.put_back(undo.of)
    lines = find_run_lines(company.memory.load_graph(), undo.of, is_agents_own_word)
    if lines.own:
        company.memory.remove(
            cut_lines_of(undo.of, lines.names_built_on, is_agents_own_word),
            at=undo.at,
            what=f"undo of {undo.of}",
            by="runtime",
            run=undo.name,
        )
    at = company.now_iso()

    def settle(tx: Transaction) -> None:
        tx.save_undo(replace(undo, done=True))
        for file in done:
            tx.save_written_file(file)
        append_line(
            tx, at, "undone", run=root_of(undo.of), agent=FOUNDER, why=undo.name
        )

    company.write_state(settle)
    steps = (UndoStep(path=f.path, before=f.before, after=f.after) for f in done)
    return Undone(name=undo.name, files=tuple(steps), left=tuple(left))


def _put(company: OpenCompany, file: WrittenFile, mark: str) -> None:
    data = None
    if file.after:
        data = company.read_state(lambda tx: tx.load_version(file.after), None)
        if data is None:
            raise WrongUsage("what it was before is not kept", hint="")
    if file.path != BOARD_FILE or data is None:
        company.versions().put(file.path, file.before, data, mark)
        return

    def put(board: TaskBoard) -> TaskBoard:
        now = board_bytes(board)
        if now != data and sha256(now).hexdigest() != file.before:
            what = f"{BOARD_FILE} was changed meanwhile, and stays as it is"
            raise WrongUsage(what, hint="undo again")
        return board_of(data)

    company.board.update(put)
