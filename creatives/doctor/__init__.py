"""`creatives doctor`: looks at a deployment, or a local run, from outside and says what is wrong and what to do.

check.py      what a check is, and what is looked at
storage.py    buckets and their notification
messages.py   topics, subscriptions, dead letters, what waits
tables.py     tables against the schema files, views, today's money
settled.py    what is kept of how the pipeline stands: its age, that the tables say the same, and of what it is counted
limits.py     how near the functions' queries are to what they may bill
services.py   what only the cloud has: APIs, functions, accounts, who may do what, quota
model.py      whether the model answers, is priced, and for how long
rest.py       Google's APIs that the functions have no client of
canary.py     one small creative sent through the whole chain

Everything is asked through the real Google clients (and the Google APIs' REST form where this project has no client),
so a local run is looked at the very same way; what a local server does not have is left out, not guessed.
"""

from collections.abc import Callable, Iterator

from google.api_core.exceptions import GoogleAPIError
from google.auth.exceptions import GoogleAuthError
from requests import RequestException

from creatives.doctor import limits, messages, model, services, settled, storage, tables
from creatives.doctor.check import Check, Deployment, Status, fault

__all__ = ["Check", "Deployment", "Status", "checks"]

GROUPS: tuple[Callable[[Deployment], Iterator[Check]], ...] = (
    services.apis,
    storage.buckets,
    messages.topics,
    messages.subscriptions,
    messages.dead_lettering,
    services.functions,
    services.permissions,
    services.callers,
    services.quota,
    tables.tables,
    tables.views,
    settled.settled,
    settled.followed,
    tables.given_up,
    limits.limits,
    limits.raw_ads,
    model.model,
    tables.money,
)


def checks(deployment: Deployment) -> Iterator[Check]:
    """Every check, in an order in which the first fault is likely to explain those after it.

    A service that cannot be asked is a fault of its own; the other checks go on.
    """
    for group in GROUPS:
        try:
            yield from group(deployment)
        except (GoogleAPIError, GoogleAuthError, RequestException) as error:
            yield unreachable(group.__name__, error)


def unreachable(what: str, error: Exception) -> Check:
    """The check of something that cannot be asked."""
    first_line = (str(error).splitlines() or [""])[0]
    return fault(
        what.replace("_", " "),
        f"cannot be looked at: {type(error).__name__}: {first_line}"[:400],
        "Sign in with `gcloud auth application-default login`, as somebody who may view the project, and check "
        "--project; for a local run, that `creatives up` is running.",
    )
