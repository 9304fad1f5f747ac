"""What Terraform plans to do, as `terraform show -json` tells of a saved plan: read before anything is done."""

import json
from collections.abc import Iterator
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError

from creatives.deploy.programs import DeployError

KEEPS_DATA = ("google_bigquery_dataset", "google_bigquery_table", "google_storage_bucket")


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore")


def _or_empty(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    return {} if value is None else value


class Change(_Part):
    """What becomes of a resource; both sides are empty where there is none."""

    actions: tuple[str, ...]
    before: Annotated[dict[str, Any], BeforeValidator(_or_empty)] = {}
    after: Annotated[dict[str, Any], BeforeValidator(_or_empty)] = {}


class Resource(_Part):
    """A resource of the plan."""

    address: str
    type: str
    index: str | int | None = None
    change: Change

    @property
    def is_made(self) -> bool:
        """Whether it is made where the state knows of none."""
        return self.change.actions == ("create",)

    @property
    def loses_data(self) -> bool:
        """Whether rows or objects go with it; a view has none."""
        return "delete" in self.change.actions and self.type in KEEPS_DATA and not self.change.before.get("view")


class FunctionLimits(_Part):
    """What a function, by its name in pipeline.yaml, may use at most."""

    name: str
    instances: int
    cpu: float
    memory_mib: float


class Plan(_Part):
    """A saved plan.

    Attributes:
        resources: each with what becomes of it.
        before: the outputs of what is deployed.
        after: the outputs of what will be, as far as they are known.
        variables: what was chosen, as far as the plan tells.
    """

    resources: tuple[Resource, ...] = Field(alias="resource_changes")
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    variables: dict[str, Any] = {}

    @property
    def made(self) -> list[Resource]:
        """What is made that the state knows nothing of."""
        return [resource for resource in self.resources if resource.is_made]

    @property
    def existing_buckets(self) -> list[str]:
        """The buckets that are used instead of made."""
        return sorted(((self.variables.get("existing") or {}).get("buckets") or {}).values())

    @property
    def existing_dataset(self) -> str | None:
        """The dataset that is used instead of made."""
        return (self.variables.get("existing") or {}).get("dataset")

    @property
    def lost(self) -> list[str]:
        """The addresses of what goes with the data in it."""
        return [resource.address for resource in self.resources if resource.loses_data]

    def functions(self) -> Iterator[FunctionLimits]:
        """The limits of every function that there will be."""
        for resource in self.resources:
            if resource.type == "google_cloudfunctions2_function" and resource.change.after:
                [service] = resource.change.after["service_config"]
                yield FunctionLimits(
                    name=str(resource.index),
                    instances=service["max_instance_count"],
                    cpu=float(service["available_cpu"]),
                    memory_mib=float(service["available_memory"].removesuffix("Mi")),
                )

    def moves(self) -> dict[str, tuple[str, str]]:
        """Where the deployment is, and where it would be, by what differs: project, region, dataset."""
        here, there = self.before.get("deployment") or {}, self.after.get("deployment") or {}
        return {what: (here[what], there[what]) for what in here if what in there and here[what] != there[what]}


def read(shown: Any) -> Plan:  # noqa: ANN401 - whatever JSON holds
    """The plan that `terraform show -json` printed.

    Raises:
        DeployError: when it is none.
    """
    try:
        outputs = {
            "before": _outputs(((shown.get("prior_state") or {}).get("values") or {}).get("outputs") or {}),
            "after": _outputs((shown.get("planned_values") or {}).get("outputs") or {}),
            "variables": _outputs(shown.get("variables") or {}),
        }
        return Plan.model_validate({"resource_changes": [], **shown, **outputs})
    except (AttributeError, ValidationError) as error:
        beginning = json.dumps(shown)[:200]
        raise DeployError(
            f"- Terraform's plan cannot be read: {error}\n    It begins with {beginning}; run the command again."
        ) from error


def _outputs(values: dict[str, Any]) -> dict[str, Any]:
    return {name: output.get("value") for name, output in values.items()}
