"""The sample company as files: read from where agentco is installed, written where the founder wants it."""

import os
from collections.abc import Iterator
from pathlib import Path

import agentco
from agentco.errors import CompanyBroken, StateBroken

PARTS = (
    ".github/agents",
    ".github/skills",
    ".github/prompts",
    ".github/instructions",
    ".github/copilot-instructions.md",
    ".github/agentco.yml",
    "BOARD.md",
    "memory/memory.jsonl",
    "drafts/README.md",
)


def template_root() -> Path:
    """The folder of the sample company: inside the wheel, or the checkout itself."""
    package = Path(agentco.__file__).parent
    for folder in (package / "template", package.parent):
        if (folder / ".github" / "agentco.yml").is_file():
            return folder
    raise CompanyBroken("the sample company is missing from this installation", hint="install agentco again")


def template_files() -> Iterator[tuple[str, str]]:
    """Path and text of every file of the sample company, in a stable order."""
    root = template_root()
    for part in PARTS:
        place = root / part
        found = [place] if place.is_file() else sorted(p for p in place.rglob("*") if p.is_file())
        for path in found:
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def write_new(root: Path, path: str, text: str) -> bool:
    """Write a file that is not there yet; False, and nothing touched, where there is one.

    Raises StateBroken when the folder cannot be written.
    """
    target = root / path
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        if os.path.lexists(target):
            return False
        with target.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise StateBroken(
            f"cannot write {str(target)!r}: {error.strerror}", hint="check its permissions"
        ) from None
    return True
