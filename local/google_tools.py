"""Google's own programs and libraries with the local pipeline: `gcloud storage` and `bq`, which know no emulators and
are told endpoints instead, and the BigQuery client, which asks for credentials although an emulator is named.

What they are given opens nothing anywhere, so that nobody's own credentials reach this machine's servers, and nothing
that is meant for these reaches Google.
"""

import json
from collections.abc import MutableMapping
from pathlib import Path

_TOKEN = "none"  # noqa: S105 - it opens nothing
_CREDENTIALS = "GOOGLE_APPLICATION_CREDENTIALS"
_FILE = "no-credentials.json"


def variables(data: Path, project: str, *, storage: str, bigquery: str) -> dict[str, str]:
    """The variables that lead them to the servers at the URLs `storage` and `bigquery`, by files in the folder."""
    token, flags, credentials = data / "no-token", data / "bigqueryrc", data / _FILE
    token.write_text(f"{_TOKEN}\n")
    flags.write_text(f"--api={bigquery}\n--project_id={project}\n")
    credentials.write_text(json.dumps(_nobody()))
    return {
        "CLOUDSDK_CORE_PROJECT": project,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{storage}/storage/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_BIGQUERY": f"{bigquery}/bigquery/v2/",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "BIGQUERYRC": str(flags),
        _CREDENTIALS: str(credentials),
    }


def forget_credentials(environment: MutableMapping[str, str]) -> None:
    """Takes out of the environment what `variables` put there for others: our own commands ask Google, too, as who has
    signed in there."""
    if Path(environment.get(_CREDENTIALS, "")).name == _FILE:
        del environment[_CREDENTIALS]


def _nobody() -> dict[str, str]:
    """A user's credentials as google-auth reads them, with a token that never runs out: nobody is asked for another."""
    secrets = dict.fromkeys(("client_id", "client_secret", "refresh_token", "token"), _TOKEN)
    return {"type": "authorized_user", "expiry": "9999-12-31T00:00:00Z", **secrets}
