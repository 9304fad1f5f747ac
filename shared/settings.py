"""What every process needs to know of its surroundings, read once from the environment.

A function with settings of its own subclasses `Settings` in its folder. Nothing else reads `os.environ`.
"""

import os
from collections.abc import Mapping
from typing import Annotated, Self

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict


class SettingsError(Exception):
    """A setting is missing or unusable; the message names the variable and gives an example."""


class Settings(BaseSettings):
    """Names of the project, its dataset and its buckets, and of the deployment whose topics begin with it."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore", populate_by_name=True)

    google_cloud_project: Annotated[str, Field(min_length=1, examples=["my-project"])]
    dataset: Annotated[str, Field(min_length=1, examples=["creatives"])] = "creatives"
    deployment: str = ""
    creatives_bucket: Annotated[str, Field(min_length=3, examples=["my-project-creatives"])]
    results_bucket: Annotated[str, Field(min_length=3, examples=["my-project-results"])]
    staging_bucket: Annotated[str, Field(min_length=3, examples=["my-project-staging"])]

    @property
    def full_dataset(self) -> str:
        """As project.dataset."""
        return f"{self.google_cloud_project}.{self.dataset}"

    @classmethod
    def load(cls, **instead: object) -> Self:
        """The process's settings; `instead` stands in the place of what the environment says.

        Raises:
            SettingsError: naming each variable that is missing or unusable, with an example.
        """
        try:
            return cls(**instead)  # type: ignore[arg-type]
        except ValidationError as error:
            raise SettingsError("\n".join(_explain(cls, fault) for fault in error.errors())) from None


def _explain(settings: type[Settings], fault: Mapping[str, object]) -> str:
    location = fault["loc"]
    if not isinstance(location, tuple) or not location:  # of several together, which it names itself
        return str(fault["msg"]).removeprefix("Value error, ")
    name = str(location[0])
    field = settings.model_fields.get(name)
    example = f" (for example {name.upper()}={field.examples[0]})" if field and field.examples else ""
    return f"{name.upper()}: {fault['msg']}{example}"


def emulator_host(service: str) -> str | None:
    """Where an emulator of `service` ('BIGQUERY', 'STORAGE', 'PUBSUB') listens, by the variable its client honours."""
    return os.environ.get(f"{service}_EMULATOR_HOST") or None


def project() -> str:
    """The Google Cloud project that this process works in."""
    return os.environ.get("GOOGLE_CLOUD_PROJECT", "")


def deployment() -> str:
    """The deployment that this process belongs to, by which its names begin; empty on one's own machine."""
    return os.environ.get("DEPLOYMENT", "")


def cloud_name(name: str, of_deployment: str) -> str:
    """What `name` of pipeline.yaml is called in a deployment, beside whose others it lives."""
    return f"{of_deployment}-{name}" if of_deployment else name
