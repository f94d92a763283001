"""The variables of a prompt's body: one pass; values are not read again, unknown ones stay."""

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
_PAIR = re.compile(r"(?s)(?P<name>[\w.-]+)=(?P<value>.*)")


class VariableValues(Struct, frozen=True, kw_only=True):
    """What a prompt's variables stand for.

    `words` are the arguments as the shell split them, `k=v` among them; `inputs` are answers to
    what was missing; `file` is the path of --file, `selection` what was piped in, `env` what the
    settings allow.
    """

    words: tuple[str, ...] = ()
    inputs: Mapping[str, str] = {}
    file: str = ""
    selection: str = ""
    folder: str = ""
    env: Mapping[str, str] = {}


class FilledPrompt(Struct, frozen=True, kw_only=True):
    """A body with its values; `unset` are the inputs nobody gave, filled with their defaults."""

    text: str
    unset: tuple[PromptInput, ...]

    @property
    def missing_inputs(self) -> tuple[PromptInput, ...]:
        """The inputs that have no value at all: they still stand in the text."""
        return tuple(field for field in self.unset if field.default is None)


def fill_prompt(prompt: records.Command, values: VariableValues) -> FilledPrompt:
    """Make the task of a prompt (FORMATS 4.2). Raises WrongUsage for an unknown input."""
    fields = find_inputs(prompt.body, prompt.body_line)
    given, words = _split_inputs(prompt, {field.id for field in fields}, values)
    value_by_name = {**_built_in_values(values), **_claude_arguments(prompt, words)}
    text = " ".join(words)
    variables = [match[0] for match in _VARIABLE.finditer(prompt.body)]
    is_used = not text or not value_by_name.keys().isdisjoint(variables)
    unset = tuple(field for field in fields if field.id not in given)
    if not is_used and len(unset) == 1:
        given[unset[0].id], unset, is_used = text, (), True
    for field in unset:
        if field.default is not None:
            given[field.id] = field.default
    for name, value in given.items():
        value_by_name[f"input:{name}"] = value
    body = _VARIABLE.sub(
        lambda match: value_by_name.get(_variable_key(match), match[0]), prompt.body
    )
    if not is_used:
        body = f"{body.rstrip()}\n\n{ADDED_HEADING}\n\n{text}\n"
    return FilledPrompt(text=body, unset=unset)


def _variable_key(match: re.Match[str]) -> str:
    if match["id"]:
        return f"input:{match['id']}"
    return match["name"] or match[0]


def _split_inputs(
    prompt: records.Command, names: set[str], values: VariableValues
) -> tuple[dict[str, str], tuple[str, ...]]:
    """Split inputs from other words; for a prompt without inputs, `k=v` is only a word."""
    given, words = dict(values.inputs), list[str]()
    for word in values.words:
        pair = _PAIR.fullmatch(word) if names else None
        if pair:
            given[pair["name"]] = pair["value"]
        else:
            words.append(word)
    for name in given:
        if name not in names:
            choice = ", ".join(sorted(names)) or "none"
            hint = did_you_mean(name, names, f"its inputs are {choice}")
            what = f"the prompt {prompt.id!r} has no input {name!r}"
            raise WrongUsage(what, hint=hint)
    return given, tuple(words)


def _built_in_values(values: VariableValues) -> dict[str, str]:
    name = posixpath.basename(values.file)
    value_by_name = {f"env:{key}": value for key, value in values.env.items()}
    value_by_name["workspaceFolder"] = values.folder
    value_by_name["workspaceFolderBasename"] = posixpath.basename(
        values.folder.rstrip("/")
    )
    value_by_name["file"] = values.file
    value_by_name["fileBasename"] = name
    value_by_name["fileBasenameNoExtension"] = posixpath.splitext(name)[0]
    value_by_name["fileDirname"] = posixpath.dirname(values.file)
    value_by_name["selection"] = values.selection
    value_by_name["selectedText"] = values.selection
    return value_by_name


def _claude_arguments(
    prompt: records.Command, words: tuple[str, ...]
) -> dict[str, str]:
    """What Claude Code's commands call their arguments; `$0` is the first, a missing one stays."""
    variables = [match[0] for match in _VARIABLE.finditer(prompt.body)]
    names_them = any(variable.startswith("$A") for variable in variables)
    if prompt.dialect is not file_locations.Dialect.CLAUDE and not names_them:
        return {}
    value_by_name = {
        "$ARGUMENTS": " ".join(words),
        "CLAUDE_SKILL_DIR": posixpath.dirname(prompt.file),
    }
    for i, word in enumerate(words):
        value_by_name[f"$ARGUMENTS[{i}]"] = word
        value_by_name[f"${i}"] = word
    return value_by_name
