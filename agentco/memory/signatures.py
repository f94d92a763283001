"""Whose word a line is: signed with a key of the company, which lies outside it.

A signature covers all that a line or note says, in our own form, so that other programs may
order and space it as they like. Without a key nothing is validly signed.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hmac import compare_digest, digest
from typing import TypeVar

import msgspec
from msgspec.structs import replace

from agentco.memory.lines import MemoryLine, Signed, normal_names

SIGNATURE_BYTES = 16
KEY_BYTES = 32
CODE_PREFIX = "agentco-key-"
Content = TypeVar("Content", bound=Signed)


def sign(content: Content, key: bytes) -> Content:
    """The same content with its signature; without a key it has none."""
    return replace(content, sig=_signature(content, key) if key else None)


def sign_line(line: MemoryLine, key: bytes) -> MemoryLine:
    """A line as it is written: signed, its names in the form they are compared in."""
    return sign(normal_names(line), key)


def is_signed(content: Signed, key: bytes) -> bool:
    """Whether somebody who has the key said exactly this."""
    if not key or content.sig is None or not content.sig.isascii():
        return False
    return compare_digest(content.sig, _signature(content, key))


def _signature(content: Signed, key: bytes) -> str:
    data = msgspec.json.encode(replace(content, sig=None))
    code = digest(key, data, "sha256")[:SIGNATURE_BYTES]
    return urlsafe_b64encode(code).rstrip(b"=").decode()


def code_of_key(key: bytes) -> str:
    """A key as a person copies it to another machine, with a mark that finds a wrong copy."""
    return CODE_PREFIX + urlsafe_b64encode(key + _mark(key)).decode().rstrip("=")


def key_in_code(code: str) -> bytes | None:
    """The key that a code holds; None for any other text."""
    text = code.strip().removeprefix(CODE_PREFIX)
    try:
        data = urlsafe_b64decode(text + "=" * (-len(text) % 4))
    except ValueError:
        return None
    key, mark = data[:KEY_BYTES], data[KEY_BYTES:]
    return key if len(key) == KEY_BYTES and mark == _mark(key) else None


def _mark(key: bytes) -> bytes:
    return digest(key, b"code", "sha256")[:4]
