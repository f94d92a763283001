"""A lesson is named `lesson:DATE:slug`; the last part is enough where no other ends so."""

from collections.abc import Sequence

from agentco.kernel.errors import WrongUsage, did_you_mean

KNOWN = "agentco lessons --all lists them"


def lesson_argument(name: str, names: Sequence[str]) -> str:
    """How a command names a lesson: its last part, or all of it where another ends so."""
    last = name.rpartition(":")[2]
    is_alone = [other.rpartition(":")[2] for other in names].count(last) == 1
    return last if last and is_alone else name


def find_lesson_name(wanted: str, names: Sequence[str]) -> str:
    """The lesson that is meant: by its name, or by its last part. Raises WrongUsage."""
    if wanted in names:
        return wanted
    ends = [name for name in names if name.rpartition(":")[2] == wanted]
    if len(ends) == 1:
        return ends[0]
    if ends:
        what = f"{wanted!r} is the end of the names of {len(ends)} lessons"
        raise WrongUsage(what, hint=f"write one of {', '.join(ends)}")
    hint = did_you_mean(wanted, [name.rpartition(":")[2] for name in names], KNOWN)
    raise WrongUsage(f"no lesson {wanted!r}", hint=hint)
