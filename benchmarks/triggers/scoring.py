"""How labelled drafts are counted: found, false, quiet, called."""

from collections.abc import Callable, Iterable, Sequence

from labelled import Labelled
from msgspec import Struct

EITHER = frozenset({"cto", "coo"})
QUIET_KINDS = frozenset({"near-miss", "clean"})


class Share(Struct, frozen=True):
    """So many of so many."""

    n: float
    of: int

    @property
    def share(self) -> float:
        return self.n / max(1, self.of)

    def __str__(self) -> str:
        return f"{self.n:>4g}/{self.of:<4} {100 * self.share:5.1f} %"


class Result(Struct, frozen=True, kw_only=True):
    """A draft and the departments that its text calls, also without the words of `at`.

    `cut` and `alone` are for each department that is due: what the rest calls, what `at` calls.
    """

    draft: Labelled
    fired: frozenset[str]
    cut: dict[str, frozenset[str]] = {}
    alone: dict[str, frozenset[str]] = {}


def calls(draft: Labelled, fired: Iterable[str]) -> list[frozenset[str]]:
    """The reviews that are made: each by one department, or by one of two."""
    single = {name for name in fired if name not in {"how", draft.author}}
    made = [frozenset({name}) for name in sorted(single)]
    if "how" in fired and draft.author not in EITHER and not single & EITHER:
        made.append(EITHER)
    return made


def is_found(draft: Labelled, fired: Iterable[str], department: str) -> bool:
    """Whether a review that is due is made."""
    others = {name for name in fired if name != draft.author}
    wanted = {"how", *EITHER} if department == "how" else {department}
    return bool(others & wanted)


def is_false(draft: Labelled, call: frozenset[str]) -> bool:
    return not call & (draft.due | draft.may)


def figures(results: Sequence[Result]) -> dict[str, Share]:
    """The figures of the bars, and what stands beside them."""
    short = [one for one in results if one.draft.source == "short"]
    long = [one for one in results if one.draft.source == "long"]
    plain = [one for one in short if one.draft.kind == "plain"]
    oblique = [one for one in short if one.draft.kind == "oblique"]
    quiet = [one for one in short if one.draft.kind in QUIET_KINDS]
    nobody = [one for one in long if not one.draft.due]
    demands = [(one, name) for one in long for name in sorted(one.draft.due)]

    def share(of: Sequence[Result], holds: Callable[[Result], bool]) -> Share:
        return Share(sum(map(holds, of)), len(of))

    def found(read: Callable[[Result, str], Iterable[str]]) -> Share:
        hits = [is_found(one.draft, read(one, name), name) for one, name in demands]
        return Share(sum(hits), len(hits))

    return {
        "short plain": share(plain, lambda one: one.draft.about in one.fired),
        "short oblique": share(oblique, lambda one: one.draft.about in one.fired),
        "short quiet": share(quiet, lambda one: bool(one.fired - one.draft.due)),
        "long found": found(lambda one, _: one.fired),
        "long by at": found(lambda one, name: one.alone.get(name, ())),
        "long cut out": found(lambda one, name: one.cut.get(name, ())),
        "long quiet": share(nobody, _nagged),
        "called to due": Share(
            sum(len(calls(one.draft, one.fired)) for one in long), len(demands)
        ),
    }


def _nagged(result: Result) -> bool:
    made = calls(result.draft, result.fired)
    return any(is_false(result.draft, call) for call in made)


def format_figures(found: dict[str, Share]) -> str:
    return "\n".join(f"{name:<16}{share}" for name, share in found.items())


def weight_in_choice(draft: Labelled, department: str) -> float:
    """How much a draft counts when a department's threshold is chosen; 0 for what tells nothing."""
    is_due = department in draft.due
    if department == "how" and not draft.public:
        return 0
    if draft.source == "short":
        if is_due and draft.kind == "oblique":
            return 0
        tells = draft.about == department if is_due else draft.kind in QUIET_KINDS
        return 1 if tells else 0.3
    if department in draft.is_own or (department in draft.may and not is_due):
        return 0
    return 1
