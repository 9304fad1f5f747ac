"""`make deploy` and `make destroy`: what Terraform needs is checked, and made, before it starts; then it does the rest.

    python -m creatives.deploy up --project my-project --region europe-west1 [--name creatives] [--yes]
    python -m creatives.deploy down --project my-project --region europe-west1 [--name creatives]

Variables beside project, region and name come from infra/terraform.tfvars (see infra/variables.tf). Terraform's state
lies in a bucket of the project, `<project>-<name>-terraform-state`, with all its versions, so that several people can
deploy. Whatever fails, the same command can be given again: it goes on where it stopped.

prerequisites.py   what has to be there, looked at only
preparation.py     APIs, Google's own accounts, the state's bucket
plan.py            what Terraform would do, read before it is done
quotas.py          whether the region gives what functions may use
existing.py        what is there under the same names
descriptions.py    what the columns of views mean, told to BigQuery
messages.py        what refusals say, and what to do then
programs.py        gcloud and Terraform, run
"""

import argparse
import re
import sys
import time
from dataclasses import dataclass

from creatives.deploy import existing, messages, plan, preparation, programs, quotas
from creatives.deploy import prerequisites as prerequisite
from creatives.deploy.plan import Plan
from creatives.deploy.programs import CommandFailedError, DeployError, terraform
from shared.clients import bigquery_client

PLAN_FILE = "deploy.tfplan"
TRIES = 4
"""A grant is everywhere after "typically 2 minutes, potentially 7": three pauses, and what each try takes."""

NAME = r"(?!.*--)[a-z][a-z0-9-]{0,12}[a-z0-9]"
PROTECTED = ("google_bigquery_table.this[", "google_bigquery_dataset.this[", "google_storage_bucket.this[")

_AGAIN = "Its message is above. What was done so far stays; run the same command again: it goes on."


@dataclass(frozen=True)
class Target:
    """What is deployed, and where.

    Attributes:
        project: the project's id.
        region: of the functions.
        name: the prefix of all names, so that several can live in one project.
    """

    project: str
    region: str
    name: str

    @property
    def variables(self) -> list[str]:
        """What Terraform is told of it."""
        return [
            "-input=false",
            f"-var=project={self.project}",
            f"-var=region={self.region}",
            f"-var=name={self.name}",
        ]


@dataclass(frozen=True)
class Consent:
    """What was said beforehand.

    Attributes:
        apply: not to be asked before the plan is applied.
        move: that data may be lost because the deployment moves, or because a table is made anew.
        any_region: that the project may build in this region, though it never has.
    """

    apply: bool = False
    move: bool = False
    any_region: bool = False


def up(target: Target, consent: Consent, *, pause_s: float) -> None:
    """Deploys; asks before it changes anything unless that was said.

    Raises:
        DeployError: when a prerequisite is not met, a command fails, or the answer is no.
    """
    prerequisite.require(prerequisite.of_deploying(target.project))
    preparation.enable(target.project)
    if not consent.any_region:
        prerequisite.require(prerequisite.of_building(target.project, target.region))
    preparation.make_agents(target.project)
    preparation.make_state_bucket(target.project, target.name, target.region)
    _initialise(target)
    _planned(target, consent)
    if not consent.apply and not _agreed():
        raise DeployError("- not agreed to: nothing was changed")
    _apply(target, consent, pause_s)
    _describe_views()


def _initialise(target: Target) -> None:
    preparation.write_backend(target.project, target.name)
    otherwise = "It needs registry.terraform.io and the state's bucket: run the same command again once both answer."
    terraform("init", "-input=false", "-reconfigure", otherwise=otherwise)


def _planned(target: Target, consent: Consent) -> None:
    """Saves a plan that may be applied: nothing of others is in its way, nothing is lost that was not agreed to."""
    planned = _plan(target)
    prerequisite.require(prerequisite.of_features(planned.variables.get("features")))
    prerequisite.require(existing.missing(planned, target.project))
    exists = existing.found(planned, target.project, target.region)
    prerequisite.require(existing.problems(exists))
    if existing.take_over(exists, lambda *what: _import(target, *what)):
        planned = _plan(target)
    if not consent.move:
        _require_nothing_lost(planned)
    prerequisite.require(quotas.problems(planned, quotas.of(target.project), target.region))


def _plan(target: Target) -> Plan:
    terraform("plan", *target.variables, f"-out={PLAN_FILE}", otherwise=_AGAIN)
    return plan.read(programs.read("show", "-json", PLAN_FILE))


def _import(target: Target, address: str, identity: str) -> None:
    otherwise = f"Delete it instead, then run the same command again: {identity}"
    terraform("import", *target.variables, address, identity, otherwise=otherwise)


def _require_nothing_lost(planned: Plan) -> None:
    moves = "; ".join(f"{what} {here} becomes {there}" for what, (here, there) in planned.moves().items())
    if moves:
        raise DeployError(
            f"- this deployment would move: {moves}\n    All of it would be deleted and made anew, its data lost. "
            "Give it the values of before; or deploy a second one beside it: NAME=…; or, if it is to move: MOVE=1"
        )
    if planned.lost:
        raise DeployError(
            f"- data would be lost: {', '.join(planned.lost)}\n    Terraform can only delete and make anew what "
            "changes there (`terraform -chdir=infra show deploy.tfplan`). Take the change back; or, if nobody needs "
            "the data: MOVE=1, with deletion_protection = false in infra/terraform.tfvars"
        )


def _agreed() -> bool:
    programs.tell("Type yes to apply this plan:")
    return sys.stdin.readline().strip() == "yes"


def _apply(target: Target, consent: Consent, pause_s: float) -> None:
    """Applies the saved plan; what fails for being only minutes old is planned and tried again, which was agreed to."""
    for tried in range(1, TRIES + 1):
        try:
            terraform("apply", "-input=false", PLAN_FILE, otherwise=_AGAIN)
        except CommandFailedError as error:
            why = messages.passes(error.said)
            if tried == TRIES or not why:
                raise
            programs.tell(f"deploy: {why} Try {tried + 1} of {TRIES} begins in {pause_s:g} s.")
            time.sleep(pause_s)
            _planned(target, consent)
        else:
            return


def _describe_views() -> None:
    """Says in BigQuery what the columns of views mean. All else works without, so that a fault is only told."""
    for dataset in programs.lines("output", "-raw", "dataset"):
        from creatives.deploy import descriptions  # with BigQuery's client: all that comes before does without

        programs.tell(f"$ python -m creatives.deploy.descriptions {dataset}")
        try:
            descriptions.write(bigquery_client(dataset.partition(".")[0]), dataset)
        except descriptions.FAULTS as error:
            programs.tell(
                f"deploy: all is deployed, but not all columns of views are described in BigQuery: {error}\n"
                f"    Run this again, or deploy again: python -m creatives.deploy.descriptions {dataset}"
            )


def down(target: Target, *, confirmed: str) -> None:
    """Destroys everything that was deployed, creatives and tables with it; makes and enables nothing. The state stays.

    Raises:
        DeployError: when `confirmed` is not the project's id, or something is left that could not be destroyed.
    """
    if confirmed != target.project:
        raise DeployError("- not confirmed: nothing was destroyed")
    prerequisite.require(prerequisite.of_destroying(target.project))
    preparation.require_state_bucket(target.project, target.name)
    _initialise(target)
    unprotected = [*target.variables, "-var=deletion_protection=false", "-auto-approve"]
    _lift_protection(unprotected)
    terraform("destroy", *unprotected, otherwise=_AGAIN)
    left = list(existing.left_behind(target.name, target.project, target.region))
    if left:
        raise DeployError(
            "- made by a try that failed, and not in Terraform's state: delete\n    " + "\n    ".join(left)
        )


def _lift_protection(unprotected: list[str]) -> None:
    """Lets go of what refuses to be destroyed, as far as it was made: nothing else is touched, and nothing made."""
    made = [address for address in programs.lines("state", "list") if address.startswith(PROTECTED)]
    if not made:
        return
    try:
        terraform("apply", *unprotected, *(f"-target={address}" for address in made), otherwise=_AGAIN)
    except CommandFailedError as error:
        programs.tell(f"deploy: not all protection could be lifted; going on to destroy what can be.\n{error}")


def main() -> None:
    """The command; a fault is told without a traceback."""
    options = _parser().parse_args()
    target = Target(options.project, options.region, options.name)
    try:
        _require_target(target)
        if options.action == "up":
            up(target, Consent(options.yes, options.move, options.any_region), pause_s=options.pause)
        else:
            down(target, confirmed=options.confirm or _ask(target))
    except DeployError as error:
        sys.exit(f"deploy: not possible yet:\n{error}")
    except KeyboardInterrupt:
        sys.exit("deploy: broken off. What was done so far stays; run the same command again: it goes on.")


def _require_target(target: Target) -> None:
    if not target.project or not target.region:
        raise DeployError("- where to?\n    make deploy PROJECT=my-project REGION=europe-west1")
    if not re.fullmatch(NAME, target.name):
        raise DeployError(
            f"- {target.name!r} is no prefix of names\n    NAME has 2 to 14 lower-case letters, digits and single "
            "hyphens, a letter first, e.g. creatives-dev"
        )


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m creatives.deploy", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("action", choices=["up", "down"])
    parser.add_argument("--project", required=True, help="the project's id")
    parser.add_argument("--region", required=True, help="such as europe-west1")
    parser.add_argument("--name", default="creatives", help="prefix of all names; for a second one in the project")
    parser.add_argument("--yes", action="store_true", help="up: do not ask before applying")
    parser.add_argument("--move", action="store_true", help="up: data may be lost where something is made anew")
    parser.add_argument("--any-region", action="store_true", help="up: the project may build in this region")
    parser.add_argument("--pause", type=float, default=90, metavar="SECONDS", help="up: between tries that may pass")
    parser.add_argument("--confirm", default="", metavar="PROJECT", help="down: the project's id once more")
    return parser


def _ask(target: Target) -> str:
    programs.tell(
        f"This deletes every creative, table and function of {target.name} in {target.project}.\n"
        "Type the project's id to go on:"
    )
    return sys.stdin.readline().strip()
