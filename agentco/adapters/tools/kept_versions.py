"""What is kept of a file that an act changes, so that a run can be undone: never a key."""

from collections.abc import Iterable
from hashlib import sha256

from agentco.adapters.files.written_file import MAX_BYTES
from agentco.file_formats.api_keys import describe_key
from agentco.ports.outside import FileImage


def kept_versions(image: FileImage, versions: Iterable[bytes]) -> tuple[bytes, ...]:
    """Those versions that an image speaks of and that may be kept."""
    spoken_of = {image.before, image.after}
    return tuple(
        data
        for data in versions
        if sha256(data).hexdigest() in spoken_of and may_be_kept(data)
    )


def may_be_kept(data: bytes) -> bool:
    """Whether a version is small enough, and holds nothing that looks like a key."""
    if len(data) > MAX_BYTES:
        return False
    return not describe_key([data.decode("utf-8", "replace")])
