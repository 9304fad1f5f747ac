"""`gcloud storage` and `bq` with the local pipeline: they know no emulators, and are told endpoints instead.

They insist on credentials. What they are given opens nothing anywhere, so that nobody's own reach this machine's
servers, and nothing that is meant for these reaches Google.
"""

from pathlib import Path

_TOKEN = "none"  # noqa: S105 - it opens nothing


def variables(data: Path, project: str, *, storage: str, bigquery: str) -> dict[str, str]:
    """The variables that lead them to the servers at the URLs `storage` and `bigquery`, by files in the folder."""
    token, flags = data / "no-token", data / "bigqueryrc"
    token.write_text(f"{_TOKEN}\n")
    flags.write_text(f"--api={bigquery}\n--project_id={project}\n")
    return {
        "CLOUDSDK_CORE_PROJECT": project,
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_STORAGE": f"{storage}/storage/v1/",
        "CLOUDSDK_API_ENDPOINT_OVERRIDES_BIGQUERY": f"{bigquery}/bigquery/v2/",
        "CLOUDSDK_AUTH_DISABLE_CREDENTIALS": "true",
        "CLOUDSDK_AUTH_ACCESS_TOKEN_FILE": str(token),
        "BIGQUERYRC": str(flags),
    }
