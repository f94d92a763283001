"""Reads a skill: `SKILL.md` in a folder of its own (FORMATS section 8)."""

import re
import unicodedata

from agentco.company.header_reader import MarkdownPage
from agentco.company.records import SkillRecord
from agentco.file_formats.yaml_values import Value, value_as_text

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*$")
_TOOL = re.compile(r"[^\s,(]+(?:\([^)]{0,999}+\))?")
# the limits of the standard, in characters
_MAX_NAME = 64
_MAX_DESCRIPTION = 1024
_MAX_COMPATIBILITY = 500


def read_skill(page: MarkdownPage) -> SkillRecord:
    """The skill that a page describes; left out without a description, as the standard says."""
    name = unicodedata.normalize("NFKC", page.display_name())
    metadata = page.mapping_value("metadata")
    closed = page.typed_value(bool, "disable-model-invocation")
    shown = page.typed_value(bool, "user-invocable", "user-invokable")
    skill = page.build_record(
        SkillRecord,
        id=name,
        name=name,
        description=page.description(),
        folder=page.path.rsplit("/", 1)[0],
        license=_text_unless_map(page, "license"),
        compatibility=_text_unless_map(page, "compatibility"),
        metadata={key: value_as_text(value) for key, value in metadata.items()},
        allowed_tools=_allowed_tools(page.raw_value("allowed-tools")),
        argument_hint=page.argument_hint(),
        models=page.model_labels(),
        user_invocable=shown is not False,
        model_invocable=closed is not True,
        agent=page.text_value("agent"),
    )
    _check_name(skill, page)
    _check_texts(skill, page)
    return skill


def _check_name(skill: SkillRecord, page: MarkdownPage) -> None:
    line = page.line_of("name")
    if len(skill.name) > _MAX_NAME or not _NAME.match(skill.name):
        what = f"the skill's name {skill.name!r} is not valid everywhere"
        hint = "use lower-case letters, digits and single hyphens, 64 at most"
        page.findings.warn("skill-name", what, hint, line)
    elif skill.name != page.stem:
        what = f"the skill is called {skill.name!r} but its folder {page.stem!r}"
        page.findings.warn("skill-folder", what, "give both the same name", line)


def _check_texts(skill: SkillRecord, page: MarkdownPage) -> None:
    if not skill.description:
        what = "no description, so nobody would know when to use the skill"
        hint = "add description: to the header"
        line = page.line_of("description")
        page.findings.error("no-description", what, hint, line)
    _check_length("description", skill.description, _MAX_DESCRIPTION, page)
    _check_length("compatibility", skill.compatibility, _MAX_COMPATIBILITY, page)


def _check_length(key: str, text: str, limit: int, page: MarkdownPage) -> None:
    if len(text) > limit:
        what = f"{key} has {len(text):,} characters, more than {limit:,}"
        page.findings.warn(f"long-{key}", what, "shorten it", page.line_of(key))


def _text_unless_map(page: MarkdownPage, key: str) -> str:
    """A text; an editor's map in its place stays among the extra keys."""
    is_map = isinstance(page.document.values.get(key), dict)
    return "" if is_map else page.text_value(key)


def _allowed_tools(value: Value) -> tuple[str, ...]:
    """Names between spaces or commas, or a list; spaces in round brackets belong to a name."""
    if isinstance(value, list):
        return tuple(item.strip() for item in value if isinstance(item, str))
    return tuple(_TOOL.findall(value)) if isinstance(value, str) else ()
