"""Reads a skill: `SKILL.md` in a folder of its own (FORMATS section 8)."""

import re
import unicodedata

from agentco.company import records, yaml_values
from agentco.company.header_reader import MarkdownPage

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*$")
_TOOL = re.compile(r"[^\s,(]+(?:\([^)]*\))?")
_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_COMPATIBILITY = 64, 1024, 500


def read_skill(page: MarkdownPage) -> records.SkillRecord:
    """The skill that a page describes; without a description it is left out, as the standard says."""
    name = unicodedata.normalize("NFKC", page.display_name())
    who = {
        "id": name,
        "name": name,
        "description": page.description(),
        "folder": page.path.rsplit("/", 1)[0],
    }
    metadata = {
        key: yaml_values.value_as_text(value)
        for key, value in page.mapping_value("metadata").items()
    }
    told = {key: _text_unless_map(page, key) for key in ("license", "compatibility")}
    asked = {
        "allowed_tools": _allowed_tools(page.raw_value("allowed-tools")),
        "models": page.model_labels(),
    }
    shown = page.typed_value(bool, "user-invocable", "user-invokable") is not False
    callable_ = page.typed_value(bool, "disable-model-invocation") is not True
    use = {
        "argument_hint": page.argument_hint(),
        "user_invocable": shown,
        "model_invocable": callable_,
    }
    fork = {
        "fork": page.text_value("context") == "fork",
        "agent": page.text_value("agent"),
    }
    skill = page.build_record(
        records.SkillRecord, metadata=metadata, **who, **told, **asked, **use, **fork
    )
    _check_limits(skill, page)
    return skill


def _check_limits(skill: records.SkillRecord, page: MarkdownPage) -> None:
    """The limits of the standard."""
    if len(skill.name) > _LONGEST_NAME or not _NAME.match(skill.name):
        hint = "use lower-case letters, digits and single hyphens, 64 at most"
        what = f"the skill's name {skill.name!r} is not valid everywhere"
        page.found.warn("skill-name", what, hint, page.line_of("name"))
    elif skill.name != page.stem:
        what = f"the skill is called {skill.name!r} but its folder {page.stem!r}"
        page.found.warn(
            "skill-folder", what, "give both the same name", page.line_of("name")
        )
    if not skill.description:
        what = "no description, so nobody would know when to use the skill"
        page.found.error(
            "no-description",
            what,
            "add description: to the header",
            page.line_of("description"),
        )
    for key, most in {
        "description": _LONGEST_DESCRIPTION,
        "compatibility": _LONGEST_COMPATIBILITY,
    }.items():
        if (length := len(getattr(skill, key))) > most:
            what = f"{key} has {length:,} characters, more than {most:,}"
            page.found.warn(f"long-{key}", what, "shorten it", page.line_of(key))


def _text_unless_map(page: MarkdownPage, key: str) -> str:
    """A text; an editor's map in its place stays among the extra keys."""
    return (
        "" if isinstance(page.document.values.get(key), dict) else page.text_value(key)
    )


def _allowed_tools(value: yaml_values.Value) -> tuple[str, ...]:
    """Names between spaces or commas, or a list; spaces in round brackets belong to a name."""
    if isinstance(value, list):
        return tuple(item.strip() for item in value if isinstance(item, str))
    return tuple(_TOOL.findall(value)) if isinstance(value, str) else ()
