"""Countries and their time zones, as the time zone database lists them."""

from collections.abc import Iterator, Mapping
from importlib.resources import files

# The table goes from east to west there; these are where most people live.
MAIN_ZONES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}


class Countries:
    """The countries of the world and their time zones."""

    def country_names(self) -> Mapping[str, str]:
        """The English name of each country, by its code of two letters (ISO 3166)."""
        return dict(_rows("iso3166.tab"))

    def zones_of(self, country: str) -> tuple[str, ...]:
        """The time zones of a country, its main one first; none for a code that is no country."""
        rows = [(code, zone) for code, _, zone, *_ in _rows("zone.tab")]
        zones = [zone for code, zone in rows if code == country]
        zones.sort(key=lambda zone: zone != MAIN_ZONES.get(country))
        return tuple(zones)

    def country_of(self, zone: str) -> str | None:
        """The country that a time zone is named for; None for one of no country, such as UTC."""
        codes = (code for code, _, name, *_ in _rows("zone.tab") if name == zone)
        return next(codes, None)


def _rows(table: str) -> Iterator[list[str]]:
    """The cells of each line of a table that ships with the time zones."""
    text = (files("tzdata") / "zoneinfo" / table).read_text(encoding="utf-8")
    for line in text.splitlines():
        if line and not line.startswith("#"):
            yield line.split("\t")
