"""A deliverable as a file: over nothing but what its prompt wrote, and that is kept beside it."""

from hashlib import sha256
from itertools import count
from pathlib import PurePosixPath

from agentco.adapters.files.written_file import FileVersion, read_version, write_version
from agentco.adapters.tools.agent_files import AgentFiles
from agentco.adapters.tools.edit_tool import editable_path, hold_files
from agentco.file_formats.api_keys import require_no_key
from agentco.file_formats.text_diff import diff_text
from agentco.file_formats.text_file import TextFile, open_text_file
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import FileImage


def plan_deliverable(
    path: str, text: str, own: frozenset[str], files: AgentFiles
) -> FileImage:
    """What a file becomes by a deliverable. Raises WrongUsage if it cannot be written.

    A file that is not its prompt's `own`, by its hash, stays: the deliverable gets a free name.
    """
    target, kept = editable_path(path, files), ""
    before, data = read_version(files.root, target), encode(text)
    after = sha256(data).hexdigest()
    if before.hash == after:
        return FileImage(file=target, before=after, after=after)
    if before.hash in own:
        kept = free_path(target, ".old-{}", files)
    elif before.data is not None:
        target, before = free_path(target, "-{}", files, first=2), FileVersion()
    old = open_text_file(before.data) if before.data else None
    return FileImage(
        file=target,
        before=before.hash,
        after=after,
        executable=before.is_executable,
        diff=diff_text(target, old and old.text, text),
        kept=kept,
    )


def save(text: str, image: FileImage, files: AgentFiles, mark: str) -> str:
    """Write what was planned, once; what stood there goes to `kept` first.

    Raises WrongUsage if another file stands there by now.
    """
    with hold_files(files.root, image.file):
        now = read_version(files.root, image.file, mark=mark)
        if now.hash == image.after:
            return image.file
        if now.hash != image.before:
            what = f"{image.file!r} was changed meanwhile, and stays as it is"
            raise WrongUsage(what, hint="the deliverable is kept with its run")
        if image.kept and now.data:
            keep_beside(image.kept, now.data, files, mark)
        write_version(files.root, image.file, encode(text), now, mark=mark)
    return image.file


def keep_beside(path: str, data: bytes, files: AgentFiles, mark: str) -> None:
    """Write the version before, unless that was done before a crash."""
    kept = read_version(files.root, path, mark=mark)
    if kept.data != data:
        write_version(files.root, path, data, FileVersion(), mark=mark)


def encode(text: str) -> bytes:
    """The bytes of a deliverable. Raises WrongUsage for what is not written down."""
    require_no_key([text])
    return TextFile().encode(text.rstrip("\n") + "\n")


def free_path(path: str, ending: str, files: AgentFiles, first: int = 1) -> str:
    """The first path of this kind beside another at which nothing stands."""
    whole = PurePosixPath(path)
    for number in count(first):
        name = f"{whole.stem}{ending.format(number)}{whole.suffix}"
        beside = str(whole.with_name(name))
        if read_version(files.root, beside).data is None:
            return beside
    raise AssertionError(path)
