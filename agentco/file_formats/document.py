"""A Markdown file as header values and body. What is broken is repaired or refused."""

from msgspec import Struct

from agentco.file_formats.api_keys import find_api_keys
from agentco.file_formats.company_headers import CompanyHeaders
from agentco.file_formats.source_file import FileFindings, SourceFile
from agentco.file_formats.text_decoding import decode_text
from agentco.file_formats.yaml_values import KeyPath, Value
from agentco.kernel.characters import INVISIBLE, spell_out
from agentco.kernel.errors import Diagnostic

MAX_BODY_BYTES = 1024 * 1024
MAX_BODY_CHARACTERS = 30_000
MAX_UTF8_BYTES = 4  # of one character


class Document(Struct, frozen=True, kw_only=True):
    """`headed` tells an empty header from none; `dropped` are keys whose value was lost."""

    values: dict[str, Value]
    lines: dict[KeyPath, int]
    headed: bool
    dropped: frozenset[str]
    body: str
    body_line: int


def read_text(source: SourceFile, findings: FileFindings) -> str | None:
    """The text of any company file, with warnings about what must not be in one."""
    text = decode_text(source, findings)
    if text is None:
        return None
    hidden = [] if text.isascii() else list(INVISIBLE.finditer(text))
    if hidden:
        first = spell_out(hidden[0][0])
        what = f"{len(hidden)} invisible characters, the first is {first}"
        hint = "delete them: a model reads what you do not see"
        line = text.count("\n", 0, hidden[0].start()) + 1
        findings.warn("invisible-characters", what, hint, line)
    if not source.path.startswith("~/"):
        findings.add_all(leak_warnings(source.path, text))
    return text


def leak_warnings(file: str, text: str) -> list[Diagnostic]:
    """A warning for each API key in a file that git keeps; the key itself is never shown."""
    findings = FileFindings(file)
    for line, vendor in find_api_keys(text):
        what = f"this looks like an API key ({vendor})"
        hint = "revoke it, and name an environment variable instead"
        findings.warn("key-in-file", what, hint, line)
    return findings.diagnostics


def read_document(
    source: SourceFile, findings: FileFindings, *, plain: bool = False
) -> Document | None:
    """Header and body; None if the file must be left out.

    A `plain` file needs no header: what stands between rules is one only if it is a mapping.
    """
    text = read_text(source, findings)
    if text is None:
        return None
    headers = CompanyHeaders(text, findings, optional=plain)
    values = headers.read_values()
    if headers.refused:
        return None
    lines: dict[KeyPath, int] = {}
    dropped: set[str] = set()
    for tree in headers.trees:
        lines.update(tree.lines)
        dropped.update(key.lower() for key in tree.dropped)
    body = headers.layout.body
    body_line = headers.layout.body_line
    prompt = values.get("prompt")
    if not body.strip() and isinstance(prompt, str):
        # the old form of chat modes: the key holds what should be the body
        body = prompt
        body_line = lines["prompt",] + 1
        del values["prompt"]
    if not _fits(body, body_line, findings):
        return None
    return Document(
        values=values,
        lines=lines,
        headed=bool(headers.trees),
        dropped=frozenset(dropped),
        body=body,
        body_line=body_line,
    )


def _fits(body: str, body_line: int, findings: FileFindings) -> bool:
    """Whether a body is small enough; a long one is warned about."""
    length = len(body)
    may_be_large = length * MAX_UTF8_BYTES > MAX_BODY_BYTES
    if may_be_large and len(body.encode()) > MAX_BODY_BYTES:
        what = "the body is larger than 1 MiB"
        findings.error("body-too-large", what, "split the file", body_line)
        return False
    if length > MAX_BODY_CHARACTERS:
        what = f"the body has {length:,} characters, more than {MAX_BODY_CHARACTERS:,}"
        hint = "move parts into files that are read on demand"
        findings.warn("long-body", what, hint, body_line)
    return True
