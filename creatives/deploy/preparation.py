"""What Terraform needs before it can plan, made by gcloud: all APIs, accounts of Google's services, its state's bucket.

They are made first so that they are some minutes old when something is granted to them: the time in which a person
reads the plan. A service's own account does not exist before its first use; until then nothing can be granted to it.
"""

from creatives.deploy import programs
from creatives.deploy.programs import DeployError, gcloud, succeeds
from shared import wiring

OF_TERRAFORM = ("cloudresourcemanager", "serviceusage")
"""The APIs by which Terraform looks at the project, beside those that the pipeline uses (pipeline.yaml)."""

AGENTS = ("pubsub", "cloudfunctions", "aiplatform")
"""Services whose accounts gcloud makes; Cloud Storage's is made by asking for it."""

_OWNER = "Whoever owns the project may do this: gcloud projects get-iam-policy PROJECT shows who that is."


def apis() -> list[str]:
    """Every API that a deployment uses."""
    return [f"{name}.googleapis.com" for name in sorted({*OF_TERRAFORM, *wiring.load().apis})]


def enable(project: str) -> None:
    """Enables the APIs: what is enabled already stays.

    Raises:
        DeployError: when one cannot be.
    """
    gcloud("services", "enable", *apis(), project=project, otherwise=_OWNER)


def make_agents(project: str) -> None:
    """Makes the accounts as which Google's services act in the project.

    Raises:
        DeployError: when one cannot be.
    """
    for service in AGENTS:
        make = ("beta", "services", "identity", "create", f"--service={service}.googleapis.com")
        gcloud(*make, project=project, otherwise=_OWNER)
    gcloud("storage", "service-agent", project=project, otherwise=_OWNER)


def make_state_bucket(project: str, name: str, region: str) -> None:
    """Makes the bucket of Terraform's state, private and with all versions, where there is none.

    Raises:
        DeployError: when it cannot be made, or does not keep its versions.
    """
    bucket = f"gs://{state_bucket(project, name)}"
    if not succeeds("gcloud", "storage", "buckets", "describe", bucket, f"--project={project}"):
        privacy = ("--uniform-bucket-level-access", "--public-access-prevention")
        otherwise = "Names of buckets are the world's: if another project has this one, choose NAME=…"
        create = ("storage", "buckets", "create", bucket, f"--location={region}", *privacy)
        gcloud(*create, project=project, otherwise=otherwise)
    gcloud("storage", "buckets", "update", bucket, "--versioning", project=project, otherwise=_OWNER)


def require_state_bucket(project: str, name: str) -> None:
    """Goes on only if there is a state.

    Raises:
        DeployError: when there is none.
    """
    bucket = f"gs://{state_bucket(project, name)}"
    if not succeeds("gcloud", "storage", "buckets", "describe", bucket, f"--project={project}"):
        raise DeployError(
            f"- there is no deployment {name} in {project}: {bucket} does not exist, or you may not see it\n"
            "    Check PROJECT and NAME: gcloud storage buckets list shows a bucket …-terraform-state for each."
        )


def state_bucket(project: str, name: str) -> str:
    """The bucket that holds Terraform's state of a deployment."""
    return f"{project}-{name}-terraform-state"


def write_backend(project: str, name: str) -> None:
    """Writes the file that tells Terraform so."""
    where = f'    bucket = "{state_bucket(project, name)}"\n    prefix = "{name}"\n'
    text = f'# Written by creatives/deploy; not in git.\n\nterraform {{\n  backend "gcs" {{\n{where}  }}\n}}\n'
    (programs.INFRA / "backend.tf").write_text(text)
