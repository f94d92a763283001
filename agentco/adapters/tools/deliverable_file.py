"""A deliverable as a file: over nothing but what its prompt wrote, and that is kept beside it."""

from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from hashlib import sha256
from itertools import chain, count
from pathlib import Path, PurePosixPath

from agentco.adapters.tools.agent_files import AgentFiles
from agentco.adapters.tools.edit_tool import editable_path, hold_files
from agentco.adapters.tools.written_file import (
    MAX_BYTES,
    FileVersion,
    folded,
    names_beside,
    read_version,
    write_version,
)
from agentco.file_formats.api_keys import require_no_key
from agentco.file_formats.text_diff import diff_text
from agentco.file_formats.text_file import TextFile, open_text_file
from agentco.kernel.errors import WrongUsage
from agentco.ports.outside import DeliveredPage, FileImage


def plan_deliverable(page: DeliveredPage, files: AgentFiles) -> FileImage:
    """What a file becomes by a deliverable. Raises WrongUsage if it cannot be written.

    A file that is not its prompt's own stays: the deliverable gets the next name that is.
    """
    data = encode(page.text)
    after = sha256(data).hexdigest()
    path = editable_path(page.path, files)
    names = names_beside(files.root, path)
    own = {**page.own, path: page.own.get(path, frozenset()) | {after}}
    target, before = next(
        (target, version)
        for target in chain([path], numbered_paths(path, "-{}", first=2))
        if (version := version_to_replace(target, own, files, names))
    )
    if before.data is not None and before.hash in {after, page.written}:
        return FileImage(file=target, before=before.hash, after=before.hash)
    kept = free_path(target, names) if before.data is not None else ""
    old = open_text_file(before.data) if before.data else None
    return FileImage(
        file=target,
        before=before.hash,
        after=after,
        executable=before.is_executable,
        diff=diff_text(target, old and old.text, page.text),
        kept=kept,
    )


def version_before(image: FileImage, root: Path) -> tuple[bytes, ...]:
    """The bytes that stand where an image will be written. Raises WrongUsage for no file."""
    data = read_version(root, image.file).data
    return () if data is None else (data,)


def version_to_replace(
    path: str,
    own: Mapping[str, frozenset[str]],
    files: AgentFiles,
    names: Collection[str],
) -> FileVersion | None:
    """What stands at a path, if a page may take its place; None for what stays."""
    if PurePosixPath(path).name not in names:
        return None if is_taken(path, names) else FileVersion()
    if path in own:
        with suppress(WrongUsage):
            version = read_version(files.root, path)
            return version if version.hash in own[path] else None
    return None


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
    data = TextFile().encode(text.rstrip("\n") + "\n")
    if len(data) > MAX_BYTES:
        what = f"it is larger than {MAX_BYTES:,} bytes"
        raise WrongUsage(what, hint="the deliverable is kept with its run")
    return data


def free_path(path: str, names: Collection[str]) -> str:
    """The first path for the version before at which nothing stands."""
    beside = numbered_paths(path, ".old-{}")
    return next(free for free in beside if not is_taken(free, names))


def is_taken(path: str, names: Collection[str]) -> bool:
    """Whether something stands at a path, also under another spelling."""
    name = folded(PurePosixPath(path).name)
    return any(folded(other) == name for other in names)


def numbered_paths(path: str, ending: str, first: int = 1) -> Iterator[str]:
    """The paths of this kind beside another, without end."""
    whole = PurePosixPath(path)
    for number in count(first):
        name = f"{whole.stem}{ending.format(number)}{whole.suffix}"
        yield str(whole.with_name(name))
