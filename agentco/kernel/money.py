"""Money is integer micro-dollars everywhere; people read dollars."""

MICROS_PER_USD = 1_000_000
MICROS_PER_CENT = MICROS_PER_USD // 100


def format_dollars(micros: int) -> str:
    """An amount for people: cents, or all six places for a small one that is no whole cents."""
    whole_cents = micros % MICROS_PER_CENT == 0 or micros >= MICROS_PER_USD
    places = 2 if whole_cents else 6
    return f"${micros / MICROS_PER_USD:.{places}f}"
