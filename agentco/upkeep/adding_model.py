"""Put a model into the settings: lines are inserted, comments and order stay.

The result is read before it replaces the file, and must say what the file said and the model.
"""

import re
from collections.abc import Iterable
from contextlib import AbstractContextManager
from difflib import unified_diff
from typing import Protocol

from msgspec import Struct, to_builtins
from msgspec.structs import replace

from agentco.company.model_offers import ModelOffer, WireFormat, offers_for_tier
from agentco.company.providers import PROVIDERS
from agentco.company.records import Tier
from agentco.company.settings import SETTINGS_FILE, Provider, Settings, read_settings
from agentco.file_formats.yaml_edits import append_item, set_value
from agentco.kernel.errors import CompanyBroken, WrongUsage, did_you_mean

VARIABLE = re.compile(r"[A-Z_][A-Z0-9_]{0,99}")
"""Capitals only, so that a key which was pasted by mistake is never written down."""
BOM = "\ufeff"


class ModelOrder(Struct, frozen=True, kw_only=True):
    """A model `provider/model` for a tier; `key` names the variable that holds its key."""

    name: str
    tier: Tier = Tier.MEDIUM
    key: str = ""
    base: str = ""

    @property
    def provider(self) -> str:
        """Who is asked."""
        return self.name.partition("/")[0]


class AddedModel(Struct, frozen=True, kw_only=True):
    """The settings before and after, and the model as they offer it now."""

    before: str
    after: str
    offer: ModelOffer

    @property
    def diff(self) -> tuple[str, ...]:
        """What changed, line by line."""
        sides = (self.before.splitlines(), self.after.splitlines())
        names = (SETTINGS_FILE, SETTINGS_FILE)
        return tuple(unified_diff(*sides, *names, n=1, lineterm=""))


class SettingsFolder(Protocol):
    """The folder in which the settings lie."""

    def read_file(self, path: str) -> bytes | None:
        """A file of the folder, None where there is none."""
        ...

    def replace_file(self, path: str, data: bytes) -> None:
        """Put other bytes in the place of a file."""
        ...

    def hold_lock(self, path: str) -> AbstractContextManager[None]:
        """Keep every other process from writing a file."""
        ...


def add_model(folder: SettingsFolder, order: ModelOrder) -> AddedModel:
    """Write a model into the settings.

    Raises WrongUsage for an order that cannot be, CompanyBroken for settings that cannot be
    changed without a loss.
    """
    with folder.hold_lock(SETTINGS_FILE):
        try:
            text = (folder.read_file(SETTINGS_FILE) or b"").decode()
        except UnicodeDecodeError:
            what = f"{SETTINGS_FILE} is not UTF-8"
            raise CompanyBroken(what, hint="save it as UTF-8") from None
        mark = BOM if text.startswith(BOM) else ""
        added = with_model(text.removeprefix(BOM), order)
        folder.replace_file(SETTINGS_FILE, f"{mark}{added.after}".encode())
    return added


def with_model(text: str, order: ModelOrder) -> AddedModel:
    """The text of the settings with a model. Raises as `add_model` does."""
    before = read_settings(text).require_valid()
    require_order(order, before)
    wanted = settings_with(before, order)
    if wanted == before:
        what = f"{order.name} is in {order.tier} already"
        raise WrongUsage(what, hint="agentco models shows how it stands")
    try:
        after = edit_text(text, before, order)
    except ValueError:
        after = text
    read = read_settings(after)
    if read.settings != wanted or _codes(after) != _codes(text):
        read.require_valid()
        what = f"{SETTINGS_FILE} is written in a way that agentco cannot change"
        hint = f"add {order.name} to {order.tier} under models by hand"
        raise CompanyBroken(what, hint=hint)
    offers = offers_for_tier(read.settings, {}, tier=order.tier, pin=order.name)
    return AddedModel(before=text, after=after, offer=offers[0])


def require_order(order: ModelOrder, settings: Settings) -> None:
    """Raise WrongUsage for a model that could not be asked, or a key that names no variable."""
    provider, _, model = order.name.partition("/")
    if not provider or not model or order.name.split() != [order.name]:
        what = f"{order.name!r} does not name a model: write provider/model"
        raise WrongUsage(what, hint="such as anthropic/claude-sonnet-5-5")
    if order.key and not VARIABLE.fullmatch(order.key):
        what = "--key takes the name of a variable, never the key itself"
        raise WrongUsage(what, hint="such as --key OPENAI_API_KEY")
    known = list(known_providers(settings))
    if provider not in known and not order.base:
        server = "an OpenAI-compatible server of your own: add --base URL"
        hint = did_you_mean(provider, known, server)
        raise WrongUsage(f"unknown provider {provider!r}", hint=hint)


def known_providers(settings: Settings) -> Iterable[str]:
    """Every name by which a provider can be asked."""
    yield WireFormat.SCRIPTED
    yield from settings.providers
    for name, known in PROVIDERS.items():
        yield from (name, *known.also)


def settings_with(settings: Settings, order: ModelOrder) -> Settings:
    """The settings as they are to be read afterwards."""
    names: tuple[str, ...] = getattr(settings.models, order.tier)
    if order.name not in names:
        models = replace(settings.models, **{order.tier: (*names, order.name)})
        settings = replace(settings, models=models)
    own = provider_values(order)
    if own:
        before = settings.providers.get(order.provider, Provider())
        provider = replace(before, **own)
        providers = {**settings.providers, order.provider: provider}
        settings = replace(settings, providers=providers)
    return settings


def provider_values(order: ModelOrder) -> dict[str, str]:
    """What an order says of its provider, by the keys of the settings."""
    values: dict[str, str] = {}
    if order.base:
        if order.provider not in PROVIDERS:
            values["kind"] = "openai"
        values["api_base"] = order.base
    if order.key:
        values["api_key_env"] = order.key
    return values


def edit_text(text: str, settings: Settings, order: ModelOrder) -> str:
    """The text with the lines of an order. Raises ValueError where none can be inserted."""
    if order.name not in getattr(settings.models, order.tier):
        text = append_item(text, ("models", order.tier.value), order.name)
    own = provider_values(order)
    path = ("providers", order.provider)
    before = to_builtins(settings.providers.get(order.provider, Provider()))
    if own and order.provider not in settings.providers:
        return set_value(text, path, dict(own))
    for key, value in own.items():
        if before[key] != value:
            text = set_value(text, (*path, key), value)
    return text


def _codes(text: str) -> list[str]:
    """What is wrong with settings; where it stands may change."""
    return sorted(problem.code for problem in read_settings(text).diagnostics)
