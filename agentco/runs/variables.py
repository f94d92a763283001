"""The variables of a prompt's body: one pass, no value is read again, what nobody knows stays as it is."""

import posixpath
import re
from collections.abc import Mapping

from msgspec import Struct

from agentco.company import file_locations, records
from agentco.company.mentions import INPUT_PATTERN, PromptInput, find_inputs
from agentco.kernel.errors import WrongUsage, did_you_mean

ADDED_HEADING = "## What the founder added"
_VARIABLE = re.compile(
    INPUT_PATTERN.pattern
    + r"|\$\{(?P<name>(?:env:)?\w+)\}|\$ARGUMENTS(?:\[\d+\]|(?!\w))|\$\d(?!\w)"
)


class VariableValues(Struct, frozen=True, kw_only=True):
    """What a prompt's variables stand for.

    `words` are the arguments as the shell split them, `k=v` among them; `inputs` the answers to what was
    missing; `file` is the path of --file, `selection` what was piped in, `env` what the settings allow.
    """

    words: tuple[str, ...] = ()
    inputs: Mapping[str, str] = {}
    file: str = ""
    selection: str = ""
    folder: str = ""
    env: Mapping[str, str] = {}


class FilledPrompt(Struct, frozen=True, kw_only=True):
    """A body with its values; `unset` are the inputs that nobody gave, filled with their defaults."""

    text: str
    unset: tuple[PromptInput, ...]

    @property
    def missing_inputs(self) -> tuple[PromptInput, ...]:
        """The inputs that have no value at all: they still stand in the text."""
        return tuple(i for i in self.unset if i.default is None)


def fill_prompt(prompt: records.Command, values: VariableValues) -> FilledPrompt:
    """The task that a prompt and its values make (FORMATS 4.2). Raises WrongUsage for an unknown input."""
    wanted = find_inputs(prompt.body, prompt.body_line)
    given, words = _split_inputs(prompt, {i.id for i in wanted}, values)
    known = _built_in_values(values) | _claude_arguments(prompt, words)
    text = " ".join(words)
    said = not text or any(
        match[0] in known for match in _VARIABLE.finditer(prompt.body)
    )
    unset = tuple(i for i in wanted if i.id not in given)
    if not said and len(unset) == 1:
        given[unset[0].id], unset, said = text, (), True
    given = {i.id: i.default for i in unset if i.default is not None} | given
    known |= {f"input:{name}": value for name, value in given.items()}
    body = _VARIABLE.sub(
        lambda found: known.get(_variable_key(found), found[0]), prompt.body
    )
    return FilledPrompt(
        text=body if said else f"{body.rstrip()}\n\n{ADDED_HEADING}\n\n{text}\n",
        unset=unset,
    )


def _variable_key(found: re.Match[str]) -> str:
    return f"input:{found['id']}" if found["id"] else found["name"] or found[0]


def _split_inputs(
    prompt: records.Command, wanted: set[str], values: VariableValues
) -> tuple[dict[str, str], tuple[str, ...]]:
    """The inputs that have a value, and the other words; without inputs, `k=v` is a word like any other."""
    pairs = [
        (word, re.fullmatch(r"(?s)([\w.-]+)=(.*)", word) if wanted else None)
        for word in values.words
    ]
    given = dict(values.inputs) | {pair[1]: pair[2] for _, pair in pairs if pair}
    if wrong := next((name for name in given if name not in wanted), None):
        hint = did_you_mean(
            wrong, wanted, f"its inputs are {', '.join(sorted(wanted)) or 'none'}"
        )
        raise WrongUsage(f"the prompt {prompt.id!r} has no input {wrong!r}", hint=hint)
    return given, tuple(word for word, pair in pairs if not pair)


def _built_in_values(values: VariableValues) -> dict[str, str]:
    name = posixpath.basename(values.file)
    place = {
        "workspaceFolder": values.folder,
        "workspaceFolderBasename": posixpath.basename(values.folder.rstrip("/")),
    }
    file = {
        "file": values.file,
        "fileBasename": name,
        "fileDirname": posixpath.dirname(values.file),
    }
    chosen = {"selection": values.selection, "selectedText": values.selection}
    stem = {"fileBasenameNoExtension": posixpath.splitext(name)[0]}
    return (
        {f"env:{key}": value for key, value in values.env.items()}
        | place
        | file
        | stem
        | chosen
    )


def _claude_arguments(
    prompt: records.Command, words: tuple[str, ...]
) -> dict[str, str]:
    """What the commands of Claude Code call their arguments; `$0` is the first, a missing one stays."""
    named = any(found[0].startswith("$A") for found in _VARIABLE.finditer(prompt.body))
    if prompt.dialect is not file_locations.Dialect.CLAUDE and not named:
        return {}
    each = {
        key: word
        for i, word in enumerate(words)
        for key in (f"$ARGUMENTS[{i}]", f"${i}")
    }
    return {
        "$ARGUMENTS": " ".join(words),
        "CLAUDE_SKILL_DIR": posixpath.dirname(prompt.file),
    } | each
