"""Files in an agent's hands: written whole or in one place, on the version that was read, once."""

import os
from collections.abc import Generator, Iterator
from contextlib import contextmanager, suppress
from hashlib import sha256
from pathlib import Path

from msgspec import Struct

from agentco.adapters.files.rare_lock import hold_rare_lock
from agentco.adapters.tools.agent_files import HASH_DIGITS, HIDDEN_NAME, AgentFiles
from agentco.adapters.tools.written_file import (
    MAX_BYTES,
    FileVersion,
    read_version,
    write_version,
)
from agentco.board.document import BOARD_FILE
from agentco.file_formats.api_keys import require_no_key
from agentco.file_formats.text_diff import diff_text
from agentco.file_formats.text_edits import TextEdit, replace_passage, replace_whole
from agentco.file_formats.text_file import TextFile, open_text_file
from agentco.kernel.company_paths import normalize_path
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import FileImage, ToolCaller, ToolResult
from agentco.runs.actions import Edit, Read, name_of

MAX_WHOLE_BYTES = 32_000
"""Of a file that is there and may be given whole: of a longer one a model leaves parts out."""
LOCK_FILE = "drafts"
"""Whose lock those share who write files; the board has its own."""
IN_DOUBT = (
    "nobody can tell whether this was done: {} changed meanwhile; look at it first"
)


class PlannedEdit(Struct, frozen=True, kw_only=True):
    """What an edit makes of a file: `text` and `before` are None of what is new."""

    path: str
    version: FileVersion
    before: str | None
    text: str
    data: bytes
    passed_over: tuple[str, ...]

    @property
    def hash(self) -> str:
        """The sha256 of the file once it is written."""
        return sha256(self.data).hexdigest()


def plan_edit(action: Edit, files: AgentFiles, *, mark: str = "") -> PlannedEdit:
    """Work out what an edit makes of a file. Raises WrongUsage for one that cannot be made.

    `mark` is that of a write that may have been begun.
    """
    path = editable_path(action.path, files)
    version = read_version(files.root, path, mark=mark)
    require_version_read(action, version)
    file = require_text_file(path, version)
    edit = edited_text(action, file, is_new=version.data is None)
    require_no_key([edit.text])
    data = file.encode(edit.text)
    if data == version.data:
        raise WrongUsage(f"{path!r} says exactly this", hint="nothing was changed")
    if len(data) > MAX_BYTES:
        what = f"{path!r} would be larger than {MAX_BYTES:,} bytes"
        raise WrongUsage(what, hint="write several files")
    return PlannedEdit(
        path=path,
        version=version,
        before=None if version.data is None else file.text,
        text=edit.text,
        data=data,
        passed_over=edit.passed_over,
    )


def editable_path(path: str, files: AgentFiles) -> str:
    """A path in the one form that rules know. Raises WrongUsage for what is not for agents."""
    normal = normalize_path(path)
    if not normal:
        hint = "give a path from the company's folder, such as drafts/plan.md"
        raise WrongUsage(
            f"{path!r} is not the path of a file in the company", hint=hint
        )
    if files.is_closed(normal) or not files.may_read(normal):
        raise WrongUsage(f"{path!r} is not for agents", hint="go on without it")
    with suppress(OSError):
        if files.has_hidden_name(os.lstat(files.root / normal)):
            raise WrongUsage(f"{path!r} is not for agents", hint=HIDDEN_NAME)
    return normal


def require_version_read(action: Edit, version: FileVersion) -> None:
    """Raise WrongUsage unless an edit is meant for the file as it stands."""
    read = name_of(Read)
    if version.data is None:
        if action.hash or action.old:
            what = f"there is no file {action.path!r}"
            raise WrongUsage(what, hint="a new file is given whole, as text alone")
    elif not action.hash:
        what = f"{action.path!r} is there already"
        raise WrongUsage(what, hint=f"{read} it, and give the hash that it shows")
    elif len(action.hash) < HASH_DIGITS or not version.hash.startswith(action.hash):
        what = f"{action.path!r} is not what you read: it changed since"
        raise WrongUsage(what, hint=f"{read} it again, and edit that")


def require_text_file(path: str, version: FileVersion) -> TextFile:
    """A file as a text. Raises WrongUsage for what is none, or could not be written back."""
    file = open_text_file(version.data) if version.data else TextFile()
    if file is None:
        what = f"{path!r} is not a text file, or damaged: it could not be kept as it is"
        raise WrongUsage(what, hint="go on without it")
    return file


def edited_text(action: Edit, file: TextFile, *, is_new: bool) -> TextEdit:
    """A text after an edit. Raises WrongUsage for arguments that say no edit, or two."""
    if bool(action.old) == bool(action.text) or (action.new and not action.old):
        what = "give `old` and `new`, or all of a file as `text`"
        raise WrongUsage(what, hint="nothing was changed")
    if action.old:
        return replace_passage(file, action.old, action.new)
    if not is_new and len(file.text.encode("utf-8", "replace")) > MAX_WHOLE_BYTES:
        what = f"{action.path!r} is too long to be given whole"
        raise WrongUsage(what, hint="replace a passage: give `old` and `new`")
    return replace_whole(file, action.text)


def edit_image(action: Edit, files: AgentFiles) -> FileImage:
    """What a file is, and what it will be, with the lines that change.

    Raises WrongUsage for an edit that cannot be made.
    """
    planned = plan_edit(action, files)
    return FileImage(
        file=planned.path,
        before=planned.version.hash,
        after=planned.hash,
        executable=planned.version.is_executable,
        diff=diff_text(planned.path, planned.before, planned.text),
    )


def apply_edit(
    action: Edit, files: AgentFiles, caller: ToolCaller, image: FileImage | None
) -> ToolResult:
    """Write a file. With an image, only what it says, on the file that it says.

    When it may have been done before, a file that is as it was to become is done.
    """
    path = editable_path(action.path, files)
    with hold_files(files.root, path):
        if image and caller.again:
            now = read_version(files.root, path, mark=caller.effect).hash
            if now == image.after:
                return ToolResult(text=written_words(path, now))
            if now != image.before:
                text = IN_DOUBT.format(path)
                return ToolResult(text=text, ok=False, doubtful=True)
        planned = plan_edit(action, files, mark=caller.effect)
        if image and (image.before, image.after) != (
            planned.version.hash,
            planned.hash,
        ):
            what = f"{path!r} is not what it was when this was looked at"
            raise WrongUsage(what, hint="nothing was changed; read it again")
        before, mark = planned.version, caller.effect
        write_version(files.root, path, planned.data, before, mark=mark)
    return ToolResult(text="; ".join(edit_words(planned)))


def edit_words(planned: PlannedEdit) -> Iterator[str]:
    """What an agent hears of its edit."""
    yield written_words(planned.path, planned.hash)
    if planned.passed_over:
        differences = " and ".join(planned.passed_over)
        yield f"your old text was found although its {differences} differed"


def written_words(path: str, version: str) -> str:
    """What an agent hears of a file that is written."""
    return f"{path} is written, hash {version[:HASH_DIGITS]}"


@contextmanager
def hold_files(root: Path, path: str) -> Generator[None]:
    """Let nobody else write files of the company, or the board, for the length of a `with`."""
    own = path if path == BOARD_FILE else LOCK_FILE
    with hold_rare_lock(root.resolve() / own):
        yield
