"""Letters of every script by the Latin ones they look like; made by benchmarks/lookalikes.py."""

from agentco.kernel import package_data


def _letters_by_sign() -> dict[int, str]:
    by_sign: dict[int, str] = {}
    table = package_data.load_table(__name__, dict[str, str])
    for letters, signs in table.items():
        by_sign |= dict.fromkeys(map(ord, signs), letters)
    return by_sign


LATIN_LETTERS = _letters_by_sign()
"""By code point; one sign may look like two letters."""
