"""What one paper may cost to read, and the lines in which it is handed over."""

from msgspec import Struct

MEGABYTE = 1_000_000


class PaperLimits(Struct, frozen=True, kw_only=True):
    """Seconds of processor time, bytes of memory, characters of text, bytes that may be unpacked.

    A process that takes a quarter more time, or as long as `wait_s` by the clock, is killed.
    """

    cpu_s: int = 16
    wait_s: int = 90
    memory: int = 1500 * MEGABYTE
    characters: int = 4 * MEGABYTE
    unpacked: int = 200 * MEGABYTE

    @property
    def killed_after_s(self) -> int:
        """The seconds of processor time after which the system ends the process."""
        return self.cpu_s + max(1, self.cpu_s // 4)


MAX_PAPER_BYTES = 64 * MEGABYTE


class PaperPiece(Struct, frozen=True, kw_only=True, tag="piece"):
    """A part of a paper's text; `about` says what has been read with it, such as `page 2 of 3`."""

    text: str
    about: str


class PaperEnd(Struct, frozen=True, kw_only=True, tag="end"):
    """Nothing follows. `refused` says what is wrong with the paper, and what to do.

    `cut` says why the rest is left out.
    """

    refused: tuple[str, str] | None = None
    cut: str = ""


PaperLine = PaperPiece | PaperEnd
