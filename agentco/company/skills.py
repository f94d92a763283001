"""Reads a skill: `SKILL.md` in a folder of its own (FORMATS section 8)."""

import re
import unicodedata

from agentco.company.common import Page, argument_hint, described, filed, models_of, named
from agentco.company.records import Skill
from agentco.company.values import Value, written

_NAME = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*$")
_TOOL = re.compile(r"[^\s,(]+(?:\([^)]*\))?")
_LONGEST_NAME, _LONGEST_DESCRIPTION, _LONGEST_COMPATIBILITY = 64, 1024, 500


def read_skill(page: Page) -> Skill:
    """The skill that a page describes; without a description it is left out, as the standard says."""
    fields = page.fields
    name = unicodedata.normalize("NFKC", named(page))
    _check_name(page, name)
    return Skill(
        id=name,
        name=name,
        description=_description(page),
        folder=page.path.rsplit("/", 1)[0],
        license=_text_or_kept(page, "license"),
        compatibility=_compatibility(page),
        metadata={k: written(v) for k, v in fields.mapping("metadata").items()},
        allowed_tools=_allowed(fields.take("allowed-tools")),
        argument_hint=argument_hint(page),
        user_invocable=fields.flag("user-invocable", "user-invokable") is not False,
        model_invocable=fields.flag("disable-model-invocation") is not True,
        fork=fields.text("context") == "fork",
        models=models_of(page),
        agent=fields.text("agent"),
        **filed(page),
    )


def _check_name(page: Page, name: str) -> None:
    line = page.fields.line("name")
    if len(name) > _LONGEST_NAME or not _NAME.match(name):
        hint = "use lower-case letters, digits and single hyphens, 64 at most"
        page.found.warn("skill-name", f"the skill's name {name!r} is not valid everywhere", hint, line)
    elif name != page.stem:
        what = f"the skill is called {name!r} but its folder {page.stem!r}"
        page.found.warn("skill-folder", what, "give both the same name", line)


def _description(page: Page) -> str:
    text, line = described(page), page.fields.line("description")
    if not text:
        what = "no description, so nobody would know when to use the skill"
        page.found.error("no-description", what, "add description: to the header", line)
    elif len(text) > _LONGEST_DESCRIPTION:
        what = f"the description has {len(text):,} characters, more than {_LONGEST_DESCRIPTION:,}"
        page.found.warn("long-description", what, "shorten it: the catalogue cuts it", line)
    return text


def _compatibility(page: Page) -> str:
    text = _text_or_kept(page, "compatibility")
    if len(text) > _LONGEST_COMPATIBILITY:
        what = f"compatibility has {len(text)} characters, more than {_LONGEST_COMPATIBILITY}"
        page.found.warn("long-compatibility", what, "shorten it", page.fields.line("compatibility"))
    return text


def _text_or_kept(page: Page, key: str) -> str:
    """A text; an editor's map in its place stays among the extra keys."""
    return "" if isinstance(page.document.values.get(key), dict) else page.fields.text(key)


def _allowed(value: Value) -> tuple[str, ...]:
    """Names between spaces or commas, or a list; spaces in round brackets belong to a name."""
    if isinstance(value, list):
        return tuple(item.strip() for item in value if isinstance(item, str))
    return tuple(_TOOL.findall(value)) if isinstance(value, str) else ()
