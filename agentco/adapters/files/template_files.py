"""The files that ship with agentco, and how they are written where the founder wants them."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import agentco
from agentco.adapters.files import durable_disk
from agentco.adapters.files.durable_disk import Disk
from agentco.adapters.files.safe_read import read_regular, real_path
from agentco.kernel.errors import CompanyBroken, StateBroken
from agentco.memory.git_rules import ATTRIBUTES_FILE, UNION_RULE

TEMPLATE_PATHS = (
    ".github/agents",
    ".github/skills",
    ".github/prompts",
    ".github/instructions",
    ".github/copilot-instructions.md",
    "BOARD.md",
    "memory/memory.jsonl",
    "drafts/README.md",
    # The settings mark a company as adopted, so they are written when all else is there.
    ".github/agentco.yml",
)
MEMORY_HAS_MERGE_RULE = re.compile(rb"^memory/\*\.jsonl\s.*\bmerge\b", re.MULTILINE)


def template_root() -> Path:
    """The folder of the sample company: inside the wheel, or the checkout itself."""
    package = Path(agentco.__file__).parent
    for folder in (package / "template", package.parent):
        if (folder / ".github" / "agentco.yml").is_file():
            return folder
    raise CompanyBroken(
        "the sample company is missing from this installation", hint="reinstall agentco"
    )


def template_files() -> Iterator[tuple[str, str]]:
    """Path and text of every file of the sample company, in a stable order."""
    root = template_root()
    for part in TEMPLATE_PATHS:
        place = root / part
        paths = [place]
        if not place.is_file():
            paths = sorted(path for path in place.rglob("*") if path.is_file())
        for path in paths:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def starter_files() -> dict[str, dict[str, str]]:
    """Path and text of every template of a company of one's own, for all and for each country."""
    layers: dict[str, dict[str, str]] = {}
    root = Path(agentco.__file__).parent / "starter"
    for layer in sorted(root.iterdir()):
        layers[layer.name] = {
            path.relative_to(layer).as_posix(): path.read_text(encoding="utf-8")
            for path in sorted(layer.rglob("*"))
            if path.is_file()
        }
    return layers


def write_if_missing(root: Path, path: str, text: str) -> bool:
    """Write a file that is not there yet, whole or not at all; False where there is one.

    Raises StateBroken when it cannot be written, or a link would lead it out of `root`.
    """
    target = root / path
    draft = target.with_name(f".{target.name}.{os.getpid()}.tmp")
    try:
        real_path(target.parent, root)
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            return False
        data = text.encode("utf-8", "replace")
        try:
            durable_disk.write_new_file(Disk(), draft, data, None)
            return link_into_place(draft, target)
        finally:
            draft.unlink(missing_ok=True)
    except OSError as error:
        raise StateBroken(
            f"cannot write {str(target)!r}: {error.strerror}",
            hint="look at the free space and the permissions, then run it again:"
            " it goes on where it stopped",
        ) from None


def read_inside(root: Path, path: str) -> bytes | None:
    """A file of a company, None where there is none. Raises StateBroken."""
    try:
        return read_regular(real_path(root / path, root))
    except FileNotFoundError:
        return None
    except OSError as error:
        what = f"cannot read {path!r}: {error.strerror or error}"
        raise StateBroken(what, hint="look at its permissions") from error


def replace_inside(root: Path, path: str, data: bytes) -> None:
    """Put other bytes in the place of a company's file. Raises StateBroken."""
    target = real_path(root / path, root)
    mode = target.stat().st_mode
    with durable_disk.prepare_replacement(Disk(), target, data, mode) as rename:
        rename()


def link_inside(root: Path, path: str, leads_to: str) -> None:
    """Make a link at a path that is not there yet; both paths are relative to the company.

    Raises StateBroken when that cannot be done.
    """
    place = root / path
    try:
        real_path(place.parent, root).mkdir(parents=True, exist_ok=True)
        place.symlink_to(os.path.relpath(root / leads_to, place.parent))
    except OSError as error:
        raise durable_disk.write_error(place, error) from error


def set_union_merge(root: Path, rule: str = UNION_RULE) -> bool:
    """Tell git to unite a memory's lines; False if `.gitattributes` says so already.

    Raises StateBroken if that file cannot be read or written.
    """
    target = real_path(root / ATTRIBUTES_FILE, root)
    try:
        attributes = read_regular(target)
    except OSError as error:
        raise durable_disk.write_error(target, error) from error
    is_there = rule.strip().encode() in attributes.splitlines()
    if is_there or (rule == UNION_RULE and MEMORY_HAS_MERGE_RULE.search(attributes)):
        return False
    durable_disk.append_durably(Disk(), target, rule.encode())
    return True


def link_into_place(draft: Path, target: Path) -> bool:
    """Give a finished file its name; False where another has it. Raises OSError."""
    try:
        os.link(draft, target)
    except FileExistsError:
        return False
    except PermissionError:
        # A disk without hard links: the check and the rename are two steps there.
        if os.path.lexists(target):
            return False
        draft.rename(target)
    return True
