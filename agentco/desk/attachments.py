"""Files that a founder gives along: each as a text that a model can read, with what it was."""

from pathlib import Path

from msgspec import Struct

from agentco.briefing.prompt_parts import MAX_FILE_BYTES
from agentco.company.closed_names import is_private_path
from agentco.desk.open_company import OpenCompany
from agentco.file_formats.paper_kinds import is_table_name
from agentco.file_formats.tables import separated_text_as_table
from agentco.kernel.errors import WrongUsage
from agentco.runs.actions import Read, name_of

STDIN_NAME = "stdin"


class Attachment(Struct, frozen=True, kw_only=True):
    """A text by its path in the company if it lies there; `note` is what the founder is told."""

    name: str
    text: str
    note: str = ""


def attach_file(company: OpenCompany, name: str) -> Attachment:
    """A file as a text. Of a large one in the company the head, and how the rest is read.

    Raises WrongUsage for a file that cannot be read, or holds no text.
    """
    try:
        data = company.files.read_anywhere(Path(name))
    except OSError as error:
        what = f"cannot read {name!r}: {error.strerror or error}"
        raise WrongUsage(what, hint="name a file that is there") from None
    attached = attach_data(company, name, data)
    path = path_in_company(company.root, name)
    if path is None:
        return attached
    text = attached.text if is_private_path(path) else _head_of(path, attached.text)
    return Attachment(name=path, text=text, note=attached.note)


def attach_data(company: OpenCompany, name: str, data: bytes) -> Attachment:
    """What was piped in, or read, as a text. Raises WrongUsage for what holds no text."""
    plain = company.files.text_of(name, data)
    text = plain.text
    if is_table_name(name):
        text = separated_text_as_table(text) or text
    if plain.about:
        text = f"[{plain.about}]\n\n{text}"
    return Attachment(name=name, text=text, note=plain.note)


def path_in_company(root: Path, name: str) -> str | None:
    """A file's path in the company, or None if it lies elsewhere."""
    path, folder = Path(name).resolve(), root.resolve()
    return path.relative_to(folder).as_posix() if path.is_relative_to(folder) else None


def _head_of(path: str, text: str) -> str:
    """The whole text of a file, or as many of its first lines as fit into half of a prompt's file.

    An agent reads on by its path.
    """
    data = text.encode("utf-8", "replace")
    if len(data) <= MAX_FILE_BYTES:
        return text
    head, _, _ = data[: MAX_FILE_BYTES // 2].decode("utf-8", "ignore").rpartition("\n")
    shown, every = head.count("\n") + 1, text.count("\n") + 1
    rest = f"[… the first {shown:,} of {every:,} lines; {name_of(Read)} with the path {path!r}"
    return f"{head}\n{rest} shows the others]"
