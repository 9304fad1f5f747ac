"""What the doctor says of rights, dead letters and buckets in the cloud: well when all is granted, else what is not.

The clients are Google's own, over the wire; the server (google_resources.py) has what pipeline.yaml says.
"""

from collections.abc import Callable, Iterator

import pytest

from creatives.doctor import messages, services, storage
from creatives.doctor.check import Check, Deployment, Status
from tests.creatives.doctor import google_apis
from tests.creatives.doctor.google_apis import PROJECT
from tests.creatives.doctor.google_resources import (
    AGENT,
    PROJECT_NUMBER,
    Resources,
    bucket,
    function_account,
    healthy,
    notification,
    served,
)

type Look = Callable[[Deployment], Iterator[Check]]
type Change = Callable[[Resources], object]

NUMBER_URL = f"https://cloudresourcemanager.googleapis.com/v1/projects/{PROJECT}"
WRITE, READ = "roles/storage.objectUser", "roles/storage.objectViewer"
KEEP = "roles/bigquery.dataEditor"
PUBLISH, SUBSCRIBE, QUERY = "roles/pubsub.publisher", "roles/pubsub.subscriber", "roles/bigquery.dataViewer"


def looked_at(look: Look, resources: Resources) -> list[Check]:
    with served(resources):
        return list(look(google_apis.deployment(**{NUMBER_URL: {"projectNumber": PROJECT_NUMBER}})))


def without(resource: str, role: str, member: str) -> Change:
    return lambda resources: resources.take_away(resource, role, member)


def only_reading(resources: Resources) -> None:
    resources.take_away("buckets/results", WRITE, function_account("hash"))
    resources.rights["buckets/results"].add((READ, function_account("hash")))


def granted_to_another(resources: Resources) -> None:
    resources.take_away("topics/dead-letters", PUBLISH, AGENT)
    resources.rights["topics/dead-letters"].add((PUBLISH, AGENT.replace(PROJECT_NUMBER, "999")))


def announced(*notifications: dict[str, object]) -> Change:
    return lambda resources: resources.notifications.update(creatives=list(notifications))


def configured(name: str, *, prevention: str = "enforced", uniform: bool = True) -> Change:
    return lambda resources: resources.buckets.update({name: bucket(name, prevention=prevention, uniform=uniform)})


def gone(resource: str) -> Change:
    return lambda resources: resources.delete(resource)


@pytest.mark.parametrize(
    ("look", "things"),
    [
        (services.permissions, {"rights of dedup", "rights of import_ads"}),
        (messages.dead_lettering, {"dead letters on dead-letters", "giving up"}),
        (storage.buckets, {"bucket creatives", "bucket results", f"notification of {PROJECT}-creatives-creatives"}),
    ],
)
def test_everything_granted_as_the_wiring_says_is_well(look: Look, things: set[str]) -> None:
    found = looked_at(look, healthy())

    assert {check.status for check in found} == {Status.OK}
    assert things <= {check.what for check in found}


@pytest.mark.parametrize(
    ("change", "what", "found"),
    [
        (without("buckets/results", WRITE, function_account("hash")), "hash", "write the bucket results"),
        (only_reading, "hash", "write the bucket results"),
        (without("buckets/creatives", READ, function_account("intake")), "intake", "read the bucket creatives"),
        (without("topics/images", PUBLISH, function_account("intake")), "intake", "publish to images"),
        (without("tables/matches", QUERY, function_account("dedup")), "dedup", "read the table matches"),
        (without("tables/ads", QUERY, function_account("import_ads")), "import_ads", "read the table ads"),
        (without("tables/kept_ads", KEEP, function_account("settle")), "settle", "write the table kept_ads"),
        (gone("buckets/staging"), "fetch", "write the bucket staging"),
        (gone("topics/waits"), "extract", "publish to waits"),
        (gone("tables/canonicals"), "dedup", "read the table canonicals"),
    ],
)
def test_what_one_function_may_not_do_is_its_one_fault(change: Change, what: str, found: str) -> None:
    resources = healthy()
    change(resources)

    [bad] = [check for check in looked_at(services.permissions, resources) if check.status is not Status.OK]

    assert (bad.what, bad.status, bad.found) == (f"rights of {what}", Status.FAULT, f"may not: {found}")
    assert bad.advice


def test_a_function_without_any_right_lacks_all_that_the_wiring_says() -> None:
    resources = healthy()
    member = function_account("intake")
    for granted in resources.rights.values():
        granted -= {(role, each) for role, each in granted if each == member}

    [bad] = [check for check in looked_at(services.permissions, resources) if check.status is not Status.OK]

    publishes = ", ".join(f"publish to {topic}" for topic in ("sightings", "images", "videos", "banners", "failures"))
    assert bad.found == f"may not: read the bucket creatives, {publishes}"


def test_a_table_of_the_users_own_needs_no_right_that_we_know_of() -> None:
    resources = healthy()
    resources.delete("tables/raw_ads")

    found = looked_at(services.permissions, resources)

    assert {check.status for check in found} == {Status.OK}


@pytest.mark.parametrize(
    ("change", "what", "found"),
    [
        (without("topics/dead-letters", PUBLISH, AGENT), "dead letters on dead-letters", f"{AGENT} may not publish"),
        (granted_to_another, "dead letters on dead-letters", f"{AGENT} may not publish"),
        (lambda r: r.takers.update({"dead-letters": []}), "dead letters on dead-letters", "nobody takes them"),
        (gone("topics/dead-letters"), "dead letters on dead-letters", f"{AGENT} may not publish"),
        (without("subscriptions/hash", SUBSCRIBE, AGENT), "giving up", "may not take messages off hash"),
        (without("subscriptions/ads-rows", SUBSCRIBE, AGENT), "giving up", "may not take messages off ads-rows"),
        (gone("subscriptions/probe"), "giving up", "may not take messages off probe"),
    ],
)
def test_a_message_that_could_not_be_given_up_is_a_fault(change: Change, what: str, found: str) -> None:
    resources = healthy()
    change(resources)

    [bad] = [check for check in looked_at(messages.dead_lettering, resources) if check.status is not Status.OK]

    assert (bad.what, bad.status) == (what, Status.FAULT)
    assert found in bad.found
    assert bad.advice


NOTIFICATION = f"notification of {PROJECT}-creatives-creatives"


@pytest.mark.parametrize(
    ("change", "what", "status", "found"),
    [
        (configured("results", prevention="inherited"), "bucket results", Status.FAULT, "made public"),
        (configured("creatives", uniform=False), "bucket creatives", Status.FAULT, "made public"),
        (gone("buckets/staging"), "bucket staging", Status.FAULT, f"{PROJECT}-creatives-staging does not exist"),
        (announced(), NOTIFICATION, Status.FAULT, "not announced on creatives-uploads"),
        (announced(notification("images")), NOTIFICATION, Status.FAULT, "not announced on creatives-uploads"),
        (
            announced(notification("uploads", "OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE")),
            NOTIFICATION,
            Status.FAULT,
            "more than finished uploads",
        ),
        (
            announced({**notification("uploads"), "event_types": []}),  # none named is all of them
            NOTIFICATION,
            Status.FAULT,
            "more than finished uploads",
        ),
        (
            announced(notification("uploads"), notification("uploads", id="2")),
            NOTIFICATION,
            Status.WARNING,
            "every upload 2 times",
        ),
        (announced(notification("uploads", form="NONE")), NOTIFICATION, Status.FAULT, "in the form NONE"),
        (
            announced(notification("uploads", object_name_prefix="summer/")),
            NOTIFICATION,
            Status.FAULT,
            "only uploads under summer/",
        ),
    ],
)
def test_a_bucket_that_leaks_or_does_not_tell_is_named(change: Change, what: str, status: Status, found: str) -> None:
    resources = healthy()
    change(resources)

    [bad] = [check for check in looked_at(storage.buckets, resources) if check.status is not Status.OK]

    assert (bad.what, bad.status) == (what, status)
    assert found in bad.found
    assert bad.advice
