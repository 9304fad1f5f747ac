"""Whether the region gives what the functions may use: Cloud Run refuses a revision that could go beyond its quota."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from creatives.deploy import programs
from creatives.deploy.plan import Plan
from creatives.deploy.prerequisites import Problem

PROCESSORS = "run.googleapis.com/cpu_allocation"
"""In thousandths of a vCPU, per region; quota id CpuAllocPerProjectRegion."""

MEMORY = "run.googleapis.com/mem_allocation"
"""In bytes, per region; quota id MemAllocPerProjectRegion."""

_MORE = "or ask for more: https://cloud.google.com/run/quotas"


def of(project: str) -> list[Mapping[str, Any]]:
    """Cloud Run's quotas in the project; none where it does not tell, which is said."""
    listed = ("alpha", "services", "quota", "list", "--service=run.googleapis.com", f"--consumer=projects/{project}")
    told: list[Mapping[str, Any]] | None = programs.answer("gcloud", *listed)
    if told is None:
        programs.tell(f"deploy: quotas are not looked at: `gcloud {' '.join(listed)}` fails")
    return told or []


def problems(plan: Plan, metrics: Sequence[Mapping[str, Any]], region: str) -> Iterator[Problem]:
    """Each function that could use more than the region gives."""
    processors, memory = limit(metrics, PROCESSORS, region), limit(metrics, MEMORY, region)
    for function in plan.functions():
        fits = _at_most(processors, function.cpu * 1000)
        if fits is not None and fits < function.instances:
            used = f"{function.instances} instances x {function.cpu:g} vCPU, {(processors or 0) / 1000:g} are allowed"
            yield Problem(f"{function.name}: {used} in {region}", _fewer(function.name, fits))
            continue
        fits = _at_most(memory, function.memory_mib * 2**20)
        if fits is not None and fits < function.instances:
            used = (
                f"{function.instances} instances x {function.memory_mib:g} MiB, {(memory or 0) / 2**20:g} are allowed"
            )
            yield Problem(f"{function.name}: {used} in {region}", _fewer(function.name, fits))


def _at_most(allowed: float | None, each: float) -> int | None:
    return None if allowed is None else int(allowed // each)


def _fewer(name: str, fits: int) -> str:
    if not fits:
        return f"Not one instance fits: give it less in function_limits (infra/terraform.tfvars), {_MORE}"
    return f"infra/terraform.tfvars: function_limits = {{ {name} = {{ max_instances = {fits} }} }}, {_MORE}"


def limit(metrics: Sequence[Mapping[str, Any]], metric: str, region: str) -> float | None:
    """What the region is allowed of a metric, in its own unit; None where nothing is said, or nothing is limited."""
    limits = [
        _of_region(limited.get("quotaBuckets", []), region)
        for each in metrics
        if each.get("metric") == metric
        for limited in each.get("consumerQuotaLimits", [])
    ]
    return min((each for each in limits if each is not None and each >= 0), default=None)


def _of_region(buckets: Sequence[Mapping[str, Any]], region: str) -> float | None:
    """What holds in the region: its own bucket where it has one, else the one of all regions."""
    # The API leaves out what is 0, as it does with all numbers.
    by_region = {
        bucket.get("dimensions", {}).get("region"): float(bucket.get("effectiveLimit", 0)) for bucket in buckets
    }
    return by_region.get(region, by_region.get(None))
