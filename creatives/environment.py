"""`.env` in the working folder: settings of a run, as `.env.sample` has them, read by every command and said.

What the environment has already holds. Only names of this product and of the services that it asks are taken: a folder
that one happens to stand in decides about nothing else.
"""

import os
from pathlib import Path

from dotenv import dotenv_values

from functions.embed.settings import EmbedSettings
from functions.extract.settings import ExtractSettings
from functions.fetch.settings import FetchSettings
from functions.import_ads.settings import ImportSettings

FILE = Path(".env")
_FAMILIES = ("GEMINI_", "GOOGLE_", "AZURE_OPENAI_", "OPENAI_")


def read(file: Path = FILE) -> list[str]:
    """Puts the file's variables into the environment; the names of those that were taken.

    Raises:
        OSError: when it cannot be read.
        UnicodeDecodeError: when it is no text.
    """
    if not file.is_file():
        return []
    given = {name: value for name, value in dotenv_values(file).items() if value and name not in os.environ}
    taken = {name: value for name, value in given.items() if _is_ours(name)}
    os.environ.update(taken)
    return sorted(taken)


def _is_ours(name: str) -> bool:
    settings = (EmbedSettings, ExtractSettings, FetchSettings, ImportSettings)
    return name.startswith(_FAMILIES) or any(name.lower() in each.model_fields for each in settings)
