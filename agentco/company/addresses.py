"""Which addresses a model may be asked at: https, or this machine itself.

Only what every parser reads in the same way is an address: no user name, no backslash, no odd
spelling of an IP number; `http://127.0.0.1.evil.example` and `http://localhost@evil.example` are
somebody else's machine.
"""

import re
from ipaddress import ip_address

MAX_PORT = 65_535
_ADDRESS = re.compile(
    r"(?ai)(?P<scheme>https?)://"
    r"(?:\[(?P<six>[0-9a-f:.]+)\]|(?P<host>[\w.-]+))"
    r"(?::(?P<port>[0-9]{1,5}))?(?:/[!-~]*)?"
)


def is_loopback(url: str) -> bool:
    """Whether an address is on this machine: 127.0.0.0/8, ::1 or localhost."""
    match = _match_address(url)
    if not match:
        return False
    host = (match["six"] or match["host"]).lower()
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def is_allowed_address(url: str) -> bool:
    """Whether a key and the company's words may be sent to an address (FAULTS 85)."""
    match = _match_address(url)
    if not match:
        return False
    return match["scheme"].lower() == "https" or is_loopback(url)


def parse_address(text: str) -> str:
    """A server's address without the slash at its end.

    Raises ValueError for one that must not be asked, and for one that no path can be added to.
    """
    if not is_allowed_address(text) or "?" in text or "#" in text:
        raise ValueError(
            "an https address, or one of this machine such as http://127.0.0.1:8080/v1"
        )
    return text.rstrip("/")


def _match_address(url: str) -> re.Match[str] | None:
    match = _ADDRESS.fullmatch(url)
    return match if match and int(match["port"] or 0) <= MAX_PORT else None
