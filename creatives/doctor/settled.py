"""What `settle` has kept of how the pipeline stands: how old it is, and that it is what the tables say."""

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from google.cloud import bigquery

from creatives.doctor import limits
from creatives.doctor.check import APPLY, Check, Deployment, fault, warning, well
from functions.settle import keeping, settling
from shared import described

WHAT = "kept status"
HEALED = f"Delete {keeping.NOTE} from the bucket of results: all is read anew as soon as anything is new."
MOST_BYTES = 2**30
"""Of what a comparison may read; more is taken on trust."""


def settled(deployment: Deployment) -> Iterator[Check]:
    """The newest row. On this machine there need be none: nothing is told from it."""
    kept = next(iter(_rows(deployment, "settled")), None)
    if kept is None:
        if not deployment.is_local:
            advice = (
                "After a deployment it takes five minutes; else see the log of `settle`. `creatives status` counts."
            )
            yield warning(WHAT, "nothing was counted yet: pipeline_status is empty", advice)
        return
    said = f"counted at {kept['occurred_at']:%Y-%m-%d %H:%M} UTC"
    if datetime.now(UTC) - kept["occurred_at"] > settling.LONGEST_REST + timedelta(days=1):
        yield warning(WHAT, f"{said}, and not since", "See the log of `settle`, and whether its schedule is paused.")
    elif differing := _differing(deployment, kept) if _still_holds(deployment, kept) else "":
        advice = f"Compare {differing}, and report it: this is a fault of ours. {HEALED}"
        yield fault(WHAT, f"{said}, no table has changed since, and counting now tells otherwise", advice)
    else:
        yield well(WHAT, said)


def followed(deployment: Deployment) -> Iterator[Check]:
    """Whether narrow tables are counted instead of all rows: `settle` notes what it has read for them."""
    what, results = "kept tables", deployment.storage.bucket(deployment.settings.results_bucket)
    if deployment.is_local:
        return
    if results.get_blob(keeping.NOTE):
        yield well(what, "follow the others")
    else:
        found = "there are none yet, or settle may not list the dataset's partitions: all rows are read to count them"
        yield warning(what, found, f"{APPLY} It grants settle `bigquery.metadataViewer`; see its log after that.")


def _still_holds(deployment: Deployment, kept: Mapping[str, Any]) -> bool:
    """Whether nothing is new since, so that counting has to tell the same, and may be paid for."""
    dataset = f"{deployment.project}.{deployment.settings.dataset}"
    now = described.description(deployment.bigquery, [f"{dataset}.{view}" for view in settling.READ])
    return (
        now is not None and now == kept["description"] and limits.billed(deployment, _sql("counted_now")) < MOST_BYTES
    )


def _differing(deployment: Deployment, kept: Mapping[str, Any]) -> str:
    """Which table or view tells otherwise than which; empty: none."""
    if _counts(kept["counts"]) != _counts(_rows(deployment, "counted_now")):
        return "pipeline_status with pipeline_status_now"
    if _counts(_rows(deployment, "saved_kept")) != _counts(_rows(deployment, "saved_counted")):
        return "kept_saved with saved_now"
    return ""


def _counts(rows: list[dict[str, Any]]) -> list[str]:
    return sorted(str(sorted(row.items())) for row in rows)


def _rows(deployment: Deployment, question: str) -> list[dict[str, Any]]:
    default = f"{deployment.project}.{deployment.settings.dataset}"
    config = bigquery.QueryJobConfig(default_dataset=default)
    return [dict(row.items()) for row in deployment.bigquery.query_and_wait(_sql(question), job_config=config)]


def _sql(name: str) -> str:
    return Path(__file__).with_name(f"{name}.sql").read_text()
