"""Names: how they are compared, which are refused, and which only look like another."""

import re
import unicodedata

from agentco.kernel import package_data

_WINDOWS_RESERVED = frozenset(
    {
        "con",
        "prn",
        "aux",
        "nul",
        *(f"com{i}" for i in range(10)),
        *(f"lpt{i}" for i in range(10)),
    }
)
_GAP = re.compile(r"[\W_]+")
_LANGUAGE = re.compile(r"(?<=\w)(?:\+\+|#)")


class _LookalikeTable(dict[int, str]):
    """Letters of Cyrillic, Greek and other scripts, and the Latin ones that they are drawn like."""

    def __missing__(self, code: int) -> str:
        self[code] = itself = chr(code)
        return itself


_LOOKALIKES = _LookalikeTable(
    str.maketrans(package_data.load_table(__name__, dict[str, str]))
)
_PATH_LIKE = re.compile(r"^~?/|^~$|(?:^|[/\\])\.{1,2}(?:$|[/\\])|\\|^[A-Za-z]:/")
_PICTURE_CATEGORIES = frozenset({"So", "Sk", "Cs", "Co", "Cn", "Cc"})


def slug(text: str) -> str:
    """Lower-case letters and digits of any script with single hyphens between: `C++ Agent` is `cpp-agent`."""
    folded = text if text.isascii() else unicodedata.normalize("NFKC", text)
    return _GAP.sub(
        "-", _LANGUAGE.sub(lambda m: "pp" if m[0] == "++" else "sharp", folded.lower())
    ).strip("-")


def skeleton(text: str) -> str:
    """What a slug looks like: letters that are drawn alike become one."""
    return text.translate(_LOOKALIKES)


def id_problem(name: str) -> str | None:
    """Why a name cannot name a file or an agent, or None when it can."""
    if not name.isascii() and any(
        unicodedata.category(c) in _PICTURE_CATEGORIES for c in name
    ):
        return "holds characters that are no letters"
    return (
        "leads to another folder" if "/" in name or "\\" in name else name_problem(name)
    )


def name_problem(name: str) -> str | None:
    """Why a display name is refused, or None when it is fine; spaces and slashes may stand in one."""
    if _PATH_LIKE.search(name):
        return "leads to another folder"
    if name.split(".", maxsplit=1)[0].strip().lower() in _WINDOWS_RESERVED:
        return "is no file name on Windows"
    return None if slug(name) else "holds no letter or digit"
