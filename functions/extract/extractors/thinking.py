"""How much Gemini is asked to think: as little as the model accepts, unless the settings say more."""

from functions.extract.settings import ExtractSettings, Thinking
from shared import prices
from shared.settings import SettingsError

_LEVELS: tuple[Thinking, ...] = ("minimal", "low", "medium", "high")


def level(settings: ExtractSettings) -> Thinking | None:
    """The level that is asked for: the set one, else the least that the model is known to accept.

    Raises:
        SettingsError: when the model is known to refuse the set one.
    """
    model = prices.known(settings.gemini_model)
    least = model.least_thinking if model else None
    chosen = settings.thinking_level
    if chosen and least and _LEVELS.index(chosen) < _LEVELS.index(least):
        raise SettingsError(f"THINKING_LEVEL: {settings.gemini_model} refuses {chosen} (for example {least})")
    return chosen or least
