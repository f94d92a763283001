"""Addresses as a browser reads them: where a link leads to, however it is written."""

import re
from collections.abc import Iterator
from urllib.parse import unquote

from msgspec import Struct

from agentco.kernel.characters import IGNORABLE
from agentco.kernel.comparison import plain_letters, unescape_entities
from agentco.page.drawing import FILLER
from agentco.page.markdown_marks import LinkTarget

DOT = "[.\u3002\uff0e\uff61]"
_HIDDEN = IGNORABLE.pattern[1:-1]
URL = re.compile(
    rf"""(?:https?|ftp|wss?):[\\/]+
        (?P<authority>(?:[^\s\\/?\#<>()"'`|\[\]]*@)?(?:\[[^\]\s]{{0,99}}+\]|[^\s\\/?\#<>()"'`|\[\]”»]*))
      | (?<![\w@./\\{_HIDDEN}-])
        (?P<bare>(?:[\w{_HIDDEN}-]+{DOT}){{1,127}}[^\W\d_]{{2,}})
        (?![^\W_]|[-@]|\.[^\W_])""",
    re.VERBOSE | re.IGNORECASE,
)
"""An address in a text: with its scheme, or bare."""
_SCHEME = re.compile(r"([a-z][a-z0-9+.-]*):", re.IGNORECASE)
_HOST_SCHEMES = frozenset({"http", "https", "ftp", "ws", "wss"})
_CODE_SCHEMES = frozenset({"javascript", "vbscript", "data", "blob", "file"})
_PICTURES = frozenset({"src", "srcset", "poster", "background"})
_UNREAD = re.compile("[\t\n\r]")
_EDGES = "".join(map(chr, range(0x21)))
_REFRESH = re.compile(r"[^;,]*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']*)", re.IGNORECASE)


class Address(Struct, frozen=True, kw_only=True):
    """Where a link leads: a `host`, or what `code` is in its place; neither for a page of ours."""

    host: str = ""
    code: str = ""


def read_targets(text: str, link: LinkTarget) -> Iterator[Address]:
    """Where a link leads to; an attribute may name several pictures."""
    written = unescape_entities(text[link.start : link.end]).strip("<>")
    if link.attribute == "srcset":
        # a comma in the last word is a part of it
        last = re.split(r"\s", written)[-1]
        parts = written.removesuffix(last).split(",")
        parts[-1] += last
        yield from (
            read_address(part.split()[0], "srcset") for part in parts if part.split()
        )
        return
    if link.attribute == "content":
        refresh = _REFRESH.match(written)
        written = refresh[1] if refresh else ""
    if not link.attribute:
        written = re.sub(r"\\(?=[()_*~\[\]])", "", written)
    yield read_address(written, link.attribute)


def read_address(written: str, attribute: str = "") -> Address:
    """Where an address leads, by the URL standard: tabs and line ends in it are not read."""
    address = _UNREAD.sub("", written.replace(FILLER, "").strip(_EDGES))
    scheme = _SCHEME.match(address)
    name = scheme[1].lower() if scheme else ""
    if name in _CODE_SCHEMES:
        is_picture = attribute in _PICTURES and address[:11].lower() == "data:image/"
        return Address(code="" if is_picture else name)
    if scheme and name in _HOST_SCHEMES:
        return Address(host=parse_host(address[scheme.end() :].lstrip("\\/")))
    if not scheme and re.match(r"[\\/]{2}", address):
        return Address(host=parse_host(address.lstrip("\\/")))
    return Address()


def parse_host(address: str) -> str:
    """The host of an address as a browser reads it."""
    plain = re.sub(DOT, ".", plain_letters(unquote(IGNORABLE.sub("", address))))
    authority = re.sub(r"^\w+://|[/?#\\].*", "", plain, flags=re.DOTALL)
    after_user = authority.rpartition("@")[2]
    host = re.sub(r":\d*$", "", after_user).strip("._*~,;:!?…“”«» ")
    return ".".join(map(_decode_label, host.split(".")))


def _decode_label(label: str) -> str:
    if not label.startswith("xn--"):
        return label
    try:
        return label.removeprefix("xn--").encode("ascii").decode("punycode")
    except UnicodeError:
        return label
