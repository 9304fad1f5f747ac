"""What gcloud, Terraform and the APIs behind them say when they refuse, and what to do then.

The messages are those of public reports (TPG: hashicorp/terraform-provider-google, FT: firebase/firebase-tools), known
by the words that stay the same. The first that fits counts.
"""

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Known:
    """A message that is known.

    Attributes:
        pattern: what stands in it.
        advice: what to do.
        passes: why it passes by itself, where it does.
    """

    pattern: str
    advice: str
    passes: str | None = None


FRESH = "A grant, an API or an account is only minutes old, and not everywhere yet."
BUSY = "An API was too busy, or not to be reached, for a moment."

_WAIT = (
    "It is only minutes old and not everywhere yet. Wait for five minutes, then run the same command again: it goes on."
)
_LATER = "An API was too busy, or not to be reached. Wait for a minute, then run the same command again: it goes on."


def _fresh(pattern: str) -> Known:
    return Known(pattern, _WAIT, passes=FRESH)


def _busy(pattern: str) -> Known:
    return Known(pattern, _LATER, passes=BUSY)


KNOWN = (
    # Passes by itself.
    _fresh(r"has not been used in project \S+ before or it is disabled|SERVICE_DISABLED"),  # TPG #8214
    _fresh(r"Access to bucket gcf-v2-sources-\S+ denied"),  # TPG #20571
    _fresh(r"Failed to retrieve function source code"),  # TPG #6132, #10734
    _fresh(r"Unable to retrieve the repository metadata"),  # FT #5244
    _fresh(r"Error creating Subscription: .*(does not have permission|permission denied)"),  # TPG #19085
    _fresh(r"(gs-project-accounts|gcp-sa-\w+|gcf-admin-robot|serverless-robot)\S* .*does not have"),  # TPG #12990
    _fresh(r"[Ss]ervice account \S+ (does not exist|was not found)|Unknown service account"),  # FT #10859
    _fresh(r"Error reading service account after creation"),  # TPG #10227, #15042, #19624
    _fresh(r"actAs'? denied on service account .*\(or it may not exist\)"),  # privacysandbox/aggregation-service #47
    _fresh(r"Service agents are being provisioned"),
    _fresh(r"Permission denied on secret: \S+ for Revision service account"),
    _fresh(r"Permission denied on Cloud KMS key|cryptoKeyVersions\.useTo\w+'? denied"),  # TPG #15415
    # Google's own words for it, whatever it is about.
    _fresh(r"(?i)(wait|takes?|(retry|again) (in|after)) (for )?(a few|several|some) (more )?minutes"),
    _busy(r"concurrent policy changes|concurrent modification"),  # TPG #12512: a 409, though nothing is there already
    _busy(r"Error (500|502|503|504)\b|[Ii]nternal error (has )?(occurred|encountered)|Error code 13\b|backendError"),
    _busy(r"connection reset by peer|TLS handshake timeout|unexpected EOF|context deadline exceeded"),
    _busy(r"Error 429|rateLimitExceeded|RATE_LIMIT_EXCEEDED|[Qq]uota exceeded .*per minute"),  # FT #9252
    # Does not.
    Known(
        r"cannot run builds in this region",
        "This project may build in few regions only: us-central1, us-west2, europe-west1, asia-east1, "
        "australia-southeast1, southamerica-east1. `make destroy` here, then `make deploy` with one of those.",
    ),
    Known(
        r"(Cpu|Mem)AllocPerProjectRegion|maxScale may not exceed|Max instances must be set to",
        "The region's quota is smaller than max_instances x cpu (or memory) of a function. Lower it in "
        "infra/terraform.tfvars, e.g. function_limits = { probe = { max_instances = 5 } }, or ask for more: "
        "https://cloud.google.com/run/quotas",
    ),
    Known(
        r"Error 409|already exists|alreadyExists|ALREADY_EXISTS",
        "Something of this name is there and is not this deployment's. Choose another prefix: "
        "`make deploy … NAME=…`, or remove it.",
    ),
    Known(
        r"Error acquiring the state lock|state lock",
        "Somebody else deploys at this moment, or a deployment was broken off. Wait; if nobody does: "
        "`terraform -chdir=infra force-unlock ID` with the ID above.",
    ),
    Known(
        r"constraints/\S+|violates constraint|[Oo]rganization('s)? [Pp]olicy|gcp\.restrictNonCmekServices",
        "A policy of your organisation forbids it. infra/variables.tf has what policies ask for: kms_key, "
        "vpc_connector, worker_pool, bigquery_location, bucket_location; otherwise ask its administrator.",
    ),
    Known(
        r"[Bb]illing (account|must be enabled)|BILLING_DISABLED|billing to be enabled",
        "The project has no billing account: https://console.cloud.google.com/billing/linkedaccount",
    ),
    Known(
        r"deletion_protection",
        "A table is protected. To deploy, it would be made anew: if nobody needs its rows, `deletion_protection = "
        "false` in infra/terraform.tfvars, then deploy twice; if somebody does, take the change back. To destroy, its "
        "protection has to be lifted first: mend what is told above of that, then run the same command again.",
    ),
    Known(
        r"invalid_grant|[Rr]eauthentication|could not find default credentials|UNAUTHENTICATED",
        "The sign-in has run out: `gcloud auth login && gcloud auth application-default login`.",
    ),
    Known(
        r"RESOURCE_EXHAUSTED|[Qq]uota \S*\s?exceeded|[Qq]uotaExceeded|Exceeded limit",
        "A quota is spent: https://console.cloud.google.com/iam-admin/quotas shows which, and lets you ask for more. "
        "Then run the same command again: it goes on.",
    ),
    Known(
        r"PERMISSION_DENIED|Error 403|does not have permission|denied|forbidden",
        "You may not do this in the project. Its owner may; docs/operations.md lists the roles that are enough.",
    ),
    Known(
        r"[Cc]ould not resolve|connection refused|no such host|i/o timeout|unreachable|Unable to find the server",
        "There is no connection. Run the same command again when there is: it goes on where it stopped.",
    ),
)


def known(said: str) -> Known | None:
    """The first message that is known in what a program said."""
    text = _unwrapped(said)
    return next((each for each in KNOWN if re.search(each.pattern, text)), None)


def advice(said: str) -> str | None:
    """What to do about what a program said, a sentence for each thing; None where nothing of it is known."""
    found = [each.advice for each in map(known, errors(said)) if each]
    return "\n    ".join(dict.fromkeys(found)) or None


def passes(said: str) -> str | None:
    """Why all errors that Terraform told of pass by themselves, so that it tries again; None where one stays."""
    found = [known(each) for each in errors(said)]
    reasons = [each.passes for each in found if each and each.passes]
    return " ".join(dict.fromkeys(reasons)) if len(reasons) == len(found) else None


def errors(said: str) -> list[str]:
    """The errors that Terraform drew a frame around, one each; all that was said where there is no frame."""
    return [block for block in said.split("\u2577") if "Error" in block] or [said]


def _unwrapped(said: str) -> str:
    """The text without Terraform's colours, and its frame, which breaks its lines wherever they are full."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
    return " ".join(re.sub("[\u2502\u2577\u2575]", " ", plain).split())
