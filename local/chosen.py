"""What a pipeline was started with, kept in its data folder: who uses it from another terminal is told where it would
not do what he asks for.

Keys are not kept, and so not compared.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from importlib import import_module
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from functions.extract.settings import ExtractSettings
from functions.import_ads.settings import ImportSettings
from shared.settings import Settings, SettingsError
from shared.wiring import ROOT

_FILE = "chosen.json"
_AUTO = "auto"
_NO_SETTING = ("pubsub", "disorder")


@dataclass(frozen=True)
class Options:
    """How to run the pipeline.

    Attributes:
        extractor: auto, offline, gemini, azure or openai.
        pubsub: own, official for Google's emulator, or auto: the emulator that PUBSUB_EMULATOR_HOST names, else own.
        disorder: a seed; messages are then delivered twice and out of order (own only, for tests).
        taxonomy: a file that says what is asked; None for what FEATURES names.
    """

    extractor: str = _AUTO
    pubsub: str = _AUTO
    disorder: str | None = None
    taxonomy: Path | None = None


def require_usable() -> None:
    """Returns unless a stage would refuse the environment, each time that something is sent to it.

    Raises:
        SettingsError: naming the settings that the first such stage cannot use.
    """
    for file in sorted((ROOT / "functions").glob("*/settings.py")):
        module = import_module(f"functions.{file.parent.name}.settings")
        for found in vars(module).values():
            if isinstance(found, type) and issubclass(found, Settings) and found.__module__ == module.__name__:
                found.load()


def keep(data: Path, options: Options) -> None:
    """Keeps what the environment and the options of this process choose.

    Raises:
        SettingsError: when a setting is unusable.
    """
    extract = ExtractSettings.load(extractor=options.extractor)
    imports = ImportSettings.load()
    values = _values(extract, ExtractSettings.model_fields) | _values(imports, ImportSettings.model_fields)
    (data / _FILE).write_text(json.dumps(values | _options(options) | {"extractor": extract.chosen_extractor}))


def variables(data: Path) -> dict[str, str]:
    """The settings of the pipeline that runs on the folder, as variables of the environment."""
    kept = json.loads((data / _FILE).read_text()) if (data / _FILE).exists() else {}
    return {
        name.upper(): _shown(value) for name, value in kept.items() if value is not None and name not in _NO_SETTING
    }


def require_same(data: Path, options: Options, place: Mapping[str, str]) -> None:
    """Returns unless this process asks for something else than the pipeline that runs on the folder was started with.

    Args:
        data: its folder.
        options: of this process.
        place: the variables that say where the pipeline is.

    Raises:
        SettingsError: naming what differs; or when a setting is unusable.
    """
    if not (data / _FILE).exists():
        return
    running: dict[str, Any] = json.loads((data / _FILE).read_text())
    differing = [
        f"{name.upper()} is {_shown(running.get(name))} there and {_shown(value)} here"
        for name, value in _asked(options, place).items()
        if value != running.get(name)
    ]
    if differing:
        raise SettingsError(
            f"the pipeline that runs on {data} was started otherwise: {'; '.join(differing)}"
            " (end it first, leave that out here, or name another folder by --data)"
        )


def _asked(options: Options, variables: Mapping[str, str]) -> dict[str, Any]:
    """What this process asks for by name: defaults ask for nothing."""
    place = {name: variables[name.upper()] for name in Settings.model_fields if name.upper() in variables}
    extract = ExtractSettings.load(**place, extractor=options.extractor)
    imports = ImportSettings.load(**place)
    values = _values(extract, extract.model_fields_set) | _values(imports, imports.model_fields_set)
    auto = options.extractor == _AUTO and extract.chosen_extractor == "offline"
    chosen = {} if auto else {"extractor": extract.chosen_extractor}
    given = {name: value for name, value in _options(options).items() if value not in (None, _AUTO)}
    return {name: value for name, value in values.items() if name != "extractor"} | chosen | given


def _options(options: Options) -> dict[str, str | None]:
    return {"pubsub": options.pubsub, "disorder": options.disorder}


def _values(settings: Settings, included: Iterable[str]) -> dict[str, Any]:
    """A process's own settings of these names, as JSON has them; no keys, and not where the pipeline is."""
    own = set(included) - Settings.model_fields.keys()
    found = {name: getattr(settings, name) for name in own}
    return {name: _plain(value) for name, value in found.items() if not isinstance(value, SecretStr)}


def _plain(value: object) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return list(value) if isinstance(value, tuple) else value


def _shown(value: object) -> str:
    return "not set" if value is None else ",".join(map(str, value)) if isinstance(value, list) else str(value)
