"""Buckets: there, private, and telling Pub/Sub of every upload."""

from collections.abc import Iterator

from google.api_core.exceptions import NotFound
from google.cloud import storage

from creatives.doctor.check import APPLY, Check, Deployment, fault, warning, well


def buckets(deployment: Deployment) -> Iterator[Check]:
    """Each bucket of pipeline.yaml."""
    for name, wired in deployment.wired.buckets.items():
        what, full_name = f"bucket {name}", deployment.bucket_name(name)
        try:
            bucket = deployment.storage.get_bucket(full_name)
        except NotFound:
            yield fault(what, f"{full_name} does not exist", APPLY)
            continue
        if deployment.is_local:  # the local server has no notion of public, and notifies by its own settings
            yield well(what, full_name)
            continue
        yield _privacy(what, bucket)
        if wired.notify:
            yield _notification(bucket, deployment.named(wired.notify))


def _privacy(what: str, bucket: storage.Bucket) -> Check:
    configured = bucket.iam_configuration
    if configured.public_access_prevention != "enforced" or not configured.uniform_bucket_level_access_enabled:
        return fault(what, "could be made public", APPLY)
    return well(what, f"{bucket.name}, private")


def _notification(bucket: storage.Bucket, topic: str) -> Check:
    what = f"notification of {bucket.name}"
    found = [each for each in bucket.list_notifications() if each.topic_name == topic]
    if not found:
        return fault(what, f"uploads are not announced on {topic}: nothing will start", APPLY)
    if any(set(each.event_types or ["any"]) != {"OBJECT_FINALIZE"} for each in found):
        return fault(what, "announces more than finished uploads: work is done twice", "Delete the other notification.")
    if len(found) > 1:
        advice = f"Keep one: `gcloud storage buckets notifications list gs://{bucket.name}`."
        return warning(what, f"announces every upload {len(found)} times", advice)
    if found[0].payload_format != "JSON_API_V1":
        return fault(what, f"in the form {found[0].payload_format}, which intake does not read", APPLY)
    if found[0].blob_name_prefix:
        return fault(what, f"announces only uploads under {found[0].blob_name_prefix}", APPLY)
    return well(what, f"to {topic}")
