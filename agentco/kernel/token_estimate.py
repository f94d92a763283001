"""How many tokens a text is, before any provider counted them: about as many as tokenizers make.

The weights are those with which recorded counts of seven tokenizers come out best.
"""

LOWER = b"abcdefghijklmnopqrstuvwxyz"
UPPER = LOWER.upper()
DIGITS = b"0123456789"
SIGNS = b"!\"#$%&'()*+,-./:;<=>?@[\\]^`{|}~"
"""An underscore is none: it is one token with the word behind it."""
BEYOND_ASCII = bytes(range(128, 256))
FOUR_BYTE_STARTS = bytes(range(240, 256))

WORD_TOKENS = 1.0
LETTER_TOKENS = 0.03
NUMBER_TOKENS = 0.6
DIGIT_TOKENS = 0.5
SIGNS_TOKENS = 1.0
"""Of signs side by side, beside those of each."""
SIGN_TOKENS = 0.05
LINE_TOKENS = 0.3
INDENT_TOKENS = 0.05
"""Of two spaces side by side."""
OTHER_BYTE_TOKENS = 0.28
MAX_BYTES_PER_TOKEN = 8
"""No ordinary text has tokens of more bytes than this."""
EMOJI_TOKENS = 1.0
"""Of a character of four bytes, beside those of its bytes."""
FEWEST_OF_WORD = 0.75
FEWEST_OF_DIGIT = 0.3
"""Of one, and of several side by side once more."""
FEWEST_OF_SIGNS = 0.4
FEWEST_OF_OTHER_BYTE = 0.11


def _only(*kinds: bytes) -> bytes:
    """A table that keeps the first byte of each kind for all of it, and makes the rest spaces."""
    table = bytearray(b" " * 256)
    for kind in kinds:
        for byte in kind:
            table[byte] = kind[0]
    return bytes(table)


_AS_LETTERS = _only(LOWER, UPPER)
_AS_DIGITS = _only(DIGITS)
_AS_SIGNS = _only(SIGNS)


def count_tokens(text: str) -> int:
    """Return about how many tokens a text is: within a quarter for prose, code and JSON."""
    data = text.encode("utf-8", "replace")
    letters = data.translate(_AS_LETTERS)
    # a word begins after what is no letter, and inside of camelCase
    words = len(letters.split()) + letters.count(b"aA")
    digits = data.translate(_AS_DIGITS)
    signs = data.translate(_AS_SIGNS)
    estimate = (
        WORD_TOKENS * words
        + LETTER_TOKENS * (letters.count(b"a") + letters.count(b"A"))
        + NUMBER_TOKENS * len(digits.split())
        + DIGIT_TOKENS * digits.count(b"0")
        + SIGNS_TOKENS * len(signs.split())
        + SIGN_TOKENS * (len(data) - signs.count(b" "))
        + LINE_TOKENS * data.count(b"\n")
        + INDENT_TOKENS * data.count(b"  ")
        + OTHER_BYTE_TOKENS * _count_bytes(data, BEYOND_ASCII)
        + EMOJI_TOKENS * _count_bytes(data, FOUR_BYTE_STARTS)
    )
    least = -(-len(data) // MAX_BYTES_PER_TOKEN)
    return max(round(estimate), least)


def fewest_tokens(text: str) -> int:
    """Return so few tokens that no tokenizer makes fewer of an ordinary text, in any script."""
    data = text.encode("utf-8", "replace")
    digits = data.translate(_AS_DIGITS)
    digit_count = digits.count(b"0") + len(digits.split())
    fewest = (
        FEWEST_OF_WORD * len(data.translate(_AS_LETTERS).split())
        + FEWEST_OF_DIGIT * digit_count
        + FEWEST_OF_SIGNS * len(data.translate(_AS_SIGNS).split())
        + FEWEST_OF_OTHER_BYTE * _count_bytes(data, BEYOND_ASCII)
    )
    return int(fewest)


def _count_bytes(data: bytes, kind: bytes) -> int:
    return len(data) - len(data.translate(None, kind))
