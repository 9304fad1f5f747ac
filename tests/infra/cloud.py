"""What Terraform would make, as the tests ask about it: by type and key, and what waits for what."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

NAME = "ads-dev"
"""The deployment that is made: another than the one of the defaults, so that what is not named after it shows."""


@dataclass(frozen=True)
class Cloud:
    """What an `apply` on stand-in providers made.

    Attributes:
        resources: as Terraform's state has them, data sources among them.
        planned: the resources before they were made, as Terraform asked for them: without what the cloud fills in.
        edges: what waits for what: pairs of addresses without keys, the first made after the second.
        anew: what a later plan would do, by address, in which the function `hash` is made anew.
    """

    resources: list[dict[str, Any]]
    planned: list[dict[str, Any]]
    edges: frozenset[tuple[str, str]]
    anew: dict[str, list[str]]

    @property
    def made(self) -> list[dict[str, Any]]:
        """The resources, without what was only read."""
        return [resource for resource in self.resources if resource["mode"] == "managed"]

    def of(self, kind: str, name: str = "this") -> dict[str, dict[str, Any]]:
        """The values of the resources of one block, by their keys."""
        return {r["index"]: r["values"] for r in self.made if r["type"] == kind and r["name"] == name}

    def one(self, kind: str, name: str) -> dict[str, Any]:
        """The values of a resource that there is once."""
        [values] = [r["values"] for r in self.made if r["type"] == kind and r["name"] == name]
        return dict(values)

    def read(self, kind: str) -> dict[str, Any]:
        """What the one data source of this type answered."""
        [values] = [r["values"] for r in self.resources if r["mode"] == "data" and r["type"] == kind]
        return dict(values)

    def grants(self) -> list[dict[str, Any]]:
        """Every IAM grant there is, whichever resource it is on."""
        return [
            {"condition": [], **r["values"], "on": r["type"], "is": r["address"]}
            for r in self.made
            if "_iam_" in r["type"]
        ]

    def service(self, function: str) -> dict[str, Any]:
        """How a function runs."""
        config: dict[str, Any] = self.of("google_cloudfunctions2_function")[function]["service_config"][0]
        return config

    def after(self, address: str) -> set[str]:
        """All that is made before `address` is."""
        found: set[str] = set()
        following = {before for after, before in self.edges if after == address}
        while following:
            found |= following
            following = {before for after, before in self.edges if after in following} - found
        return found


def edges(graph: str) -> frozenset[tuple[str, str]]:
    """The edges that `terraform graph` prints; an edge that others imply is left out there."""
    return frozenset(re.findall(r'^\s*"([^"]+)" -> "([^"]+)";$', graph, re.MULTILINE))


def addresses(pairs: Iterable[tuple[str, str]]) -> set[str]:
    """All that the edges join."""
    return {address for pair in pairs for address in pair}
