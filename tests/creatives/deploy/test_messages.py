"""What refusals mean: the words of public reports, as Terraform prints them; the first lines of each are whole.

TPG is hashicorp/terraform-provider-google, FT firebase/firebase-tools.
"""

import shutil
import subprocess
from pathlib import Path

import pytest

from creatives.deploy import messages
from creatives.deploy.messages import BUSY, FRESH
from tests.creatives.deploy.rehearsal import coloured

AGAIN = [
    # TPG #10227, #15042, #19624
    (
        "Error reading service account after creation: googleapi: Error 403: Permission iam.serviceAccounts.get is "
        "required to perform this operation on service account projects/p/serviceAccounts/x@p.iam.gserviceaccount.com.",
        FRESH,
    ),
    # FT #10859
    (
        "Error creating function: googleapi: Error 404: Service account projects/-/serviceAccounts/"
        "x@p.iam.gserviceaccount.com was not found.",
        FRESH,
    ),
    # privacysandbox/aggregation-service #47
    (
        "Error creating function: googleapi: Error 403: Could not create Cloud Run service x. Permission "
        "'iam.serviceaccounts.actAs' denied on service account x@p.iam.gserviceaccount.com (or it may not exist).",
        FRESH,
    ),
    # TPG #6132, #10734
    (
        "Error waiting for Creating function: Error code 3, message: Failed to retrieve function source code",
        FRESH,
    ),
    # ollionorg/gcp-landing-zone #59, TPG #15415
    (
        "googleapi: Error 403: Permission denied on Cloud KMS key. Please ensure that your Cloud Storage service "
        "account has been authorized to use this key., forbidden",
        FRESH,
    ),
    (
        "Error creating Dataset: googleapi: Error 403: Permission 'cloudkms.cryptoKeyVersions.useToEncrypt' denied on "
        "resource 'projects/p/locations/l/keyRings/r/cryptoKeys/k' (or it may not exist)., forbidden",
        FRESH,
    ),
    # FT #4702, #7958, in the words that Google's services share
    (
        "Error creating function: googleapi: Error 400: Since this is your first time using this service, we need a "
        "little bit longer to finish setting everything up. Retry in a few minutes.",
        FRESH,
    ),
    (
        "googleapi: Error 403: Enabling may take a few minutes before all necessary permissions are propagated",
        FRESH,
    ),
    # TPG #12512, terraforming-gcp #132: a 409 that is no name of somebody else's
    (
        "Error applying IAM policy for project: googleapi: Error 409: There were concurrent policy changes. Please "
        "retry the whole read-modify-write with exponential backoff., aborted",
        BUSY,
    ),
    ("Error creating Topic: googleapi: Error 503: The service is currently unavailable.", BUSY),
    ("Error waiting to create function: Error code 13, message: An internal error has occurred", BUSY),
    (
        'Post "https://pubsub.googleapis.com/v1/x": read tcp 10.0.0.2:4: read: connection reset by peer',
        BUSY,
    ),
    # FT #9252, #7949
    (
        "googleapi: Error 429: Quota exceeded for quota metric 'Per project mutation requests' and limit 'Per project "
        "mutation requests per minute per region' of service 'cloudfunctions.googleapis.com'",
        BUSY,
    ),
]
STAYS = [
    # TPG #5738
    ("googleapi: Error 403: Request is prohibited by organization's policy.", "A policy of your organisation"),
    # GoogleCloudPlatform/genai-for-marketing #139
    (
        "googleapi: Error 400: One or more users named in the policy do not belong to a permitted customer,  perhaps "
        "due to an organization policy.",
        "A policy of your organisation",
    ),
    # A 403 that is no right that lacks
    (
        "googleapi: Error 403: Quota exceeded: Your project exceeded quota for datasets, quotaExceeded",
        "A quota is spent",
    ),
    ("Error creating Topic: googleapi: Error 409: Resource already exists in the project", "NAME="),
    (
        "Error creating Dataset: googleapi: Error 403: Access Denied: Project p: User does not have x",
        "You may not do this",
    ),
]


@pytest.mark.parametrize(("said", "why"), AGAIN, ids=[said[:60] for said, _ in AGAIN])
def test_what_passes_by_itself_is_known_however_it_is_framed(said: str, why: str) -> None:
    assert messages.passes(said) == why
    assert messages.passes(framed(said)) == why
    assert "run the same command again" in (messages.advice(framed(said)) or "")


@pytest.mark.parametrize(("said", "advice"), STAYS, ids=[said[:60] for said, _ in STAYS])
def test_what_stays_is_told_with_what_to_do_and_not_tried_again(said: str, advice: str) -> None:
    assert messages.passes(framed(said)) is None
    assert advice in (messages.advice(framed(said)) or "")
    assert messages.passes(framed(AGAIN[0][0]) + framed(said)) is None


def test_reasons_of_two_kinds_are_both_said() -> None:
    assert messages.passes(framed(AGAIN[0][0]) + framed(AGAIN[-1][0])) == f"{FRESH} {BUSY}"


@pytest.mark.parametrize("said", [AGAIN[2][0], STAYS[1][0]])
def test_a_message_is_known_in_the_frame_and_the_colours_of_the_real_program(said: str, tmp_path: Path) -> None:
    if not shutil.which("terraform"):
        pytest.skip("terraform is not installed, and nothing but a deployment needs it")
    (tmp_path / "main.tf").write_text(
        'variable "x" {\n  default = 1\n  validation {\n    condition = var.x == 2\n'
        f'    error_message = "{said}"\n  }}\n}}\n'
    )

    done = subprocess.run(["terraform", "plan"], cwd=tmp_path, capture_output=True, text=True, check=False)

    assert "\x1b[31m\u2502" in done.stderr
    assert said not in done.stderr, "its lines are broken"
    assert messages.known(done.stderr) == messages.known(said)
    assert messages.passes(done.stderr) == messages.passes(said)


def framed(said: str, width: int = 60) -> str:
    """A message in Terraform's frame, its lines broken and coloured."""
    words, lines = f"Error: {said}".split(" "), [""]
    for word in words:
        if len(lines[-1]) + len(word) > width:
            lines.append("")
        lines[-1] += f"{word} "
    return coloured("\n".join(["\u2577", *(f"\u2502 {line}" for line in lines), "\u2575", ""]))
