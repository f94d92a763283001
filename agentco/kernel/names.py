"""Names: how they are compared, which are refused, and which only look like another."""

import re
import unicodedata

from agentco.kernel import package_data

FOUNDER = "founder"
"""By this name the founder owns tasks, and writes and removes lines of the memory."""
_WINDOWS_RESERVED = frozenset(
    ["con", "prn", "aux", "nul"]
    + [f"com{i}" for i in range(10)]
    + [f"lpt{i}" for i in range(10)]
)
_GAP = re.compile(r"[\W_]+")
_LANGUAGE = re.compile(r"(?<=\w)(?:\+\+|#)")


class _LookalikeTable(dict[int, str]):
    """Letters of Cyrillic, Greek and other scripts, and the Latin ones they are drawn like."""

    def __missing__(self, code: int) -> str:
        # remember that a letter stands for itself: `translate` asks for each one
        self[code] = chr(code)
        return self[code]


_LOOKALIKES = _LookalikeTable(
    str.maketrans(package_data.load_table(__name__, dict[str, str]))
)
_PATH_LIKE = re.compile(r"^~?/|^~$|(?:^|[/\\])\.{1,2}(?:$|[/\\])|\\|^[A-Za-z]:/")
_PICTURE_CATEGORIES = frozenset({"So", "Sk", "Cs", "Co", "Cn", "Cc"})


def slug(text: str) -> str:
    """Letters and digits of any script in lower case, hyphens between: `C++ Agent`, `cpp-agent`."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _GAP.sub("-", _LANGUAGE.sub(_spell_language, folded.lower())).strip("-")


def _spell_language(suffix: re.Match[str]) -> str:
    return "pp" if suffix[0] == "++" else "sharp"


def skeleton(text: str) -> str:
    """What a slug looks like: letters that are drawn alike become one."""
    return text.translate(_LOOKALIKES)


def id_problem(name: str) -> str | None:
    """Why a name cannot name a file or an agent, or None if it can."""
    if not name.isascii():
        categories = {unicodedata.category(character) for character in name}
        if categories & _PICTURE_CATEGORIES:
            return "has characters that are not letters"
    if "/" in name or "\\" in name:
        return "leads to another folder"
    return name_problem(name)


def name_problem(name: str) -> str | None:
    """Why a display name is refused, or None if it is fine; it may hold spaces and slashes."""
    if _PATH_LIKE.search(name):
        return "leads to another folder"
    if name.split(".", maxsplit=1)[0].strip().lower() in _WINDOWS_RESERVED:
        return "is not a valid file name on Windows"
    return None if slug(name) else "has no letter or digit"
