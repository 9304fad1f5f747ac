"""Breaks the rules of infra/ one by one in a copy, and tells which of them no test notices.

    .venv/bin/python -m tests.infra.broken_rules [--only WORDS]

Each mistake is one that a reviewer could let through: a binding too wide, a policy left out, a deadline too short.
The file that should notice it, of infra/tests or of tests/infra, is asked. Before anything is broken it has to be
content: what fails anyway notices nothing. Mistakes that are noticed in different words are made together, since to ask
takes most of the time; one whose own words are not said is made again, alone.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from creatives.deploy import terraform
from shared.wiring import ROOT

TESTS = {name: f"tests/infra/test_{name}.py" for name in ("plan", "incidents", "discovery", "cloudbuild")}
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".uv", ".creatives", ".build", ".terraform", "*cache*")


@dataclass(frozen=True)
class Mistake:
    """One change of one file.

    Attributes:
        rules: the file that should notice: of `TESTS`, or of infra/tests.
        name: what is wrong.
        file: below the root.
        right: what stands there; its first occurrence is changed.
        wrong: what stands there afterwards.
        says: what the rule says that should notice it: words of its message, or the test's name; anything where empty.
            Of what nobody sets any more Terraform says only that the rule's condition is not known: words of that one.
    """

    rules: str
    name: str
    file: str
    right: str
    wrong: str
    says: str = ""


RETRIES = """  retry_policy {
    minimum_backoff = "${each.value.min_backoff_s}s"
    maximum_backoff = "${each.value.max_backoff_s}s"
  }
"""
PARTITION = "for_each = try(each.value.partition, null) == null ? [] : [each.value.partition]"
DEAD_LETTERS = "for_each = each.value.dead_letter == null ? [] : [each.value.dead_letter]"
OWN_ACCOUNT = "service_account_email            = google_service_account.function[each.key].email"
OWN_TOKEN = "service_account_email = google_service_account.invoker[each.value.function].email"

MISTAKES = (
    Mistake(
        "cloud",
        "a topic that nobody takes from",
        "infra/pipeline.yaml",
        "topics:\n",
        "topics:\n  orphans: {}\n",
        says="A topic without a subscription loses every message",
    ),
    Mistake(
        "cloud",
        "retries without a policy",
        "infra/subscriptions.tf",
        RETRIES,
        "",
        says="A subscription has no retry policy",
    ),
    Mistake(
        "cloud",
        "no dead letter",
        "infra/subscriptions.tf",
        DEAD_LETTERS,
        "for_each = toset([])",
        says="A subscription has no dead letter",
    ),
    Mistake(
        "cloud",
        "the agent may not publish dead letters",
        "infra/topics.tf",
        "roles/pubsub.publisher",
        "roles/pubsub.viewer",
        says="may not publish to every dead-letter topic",
    ),
    Mistake(
        "cloud",
        "the agent may not take dead letters off",
        "infra/topics.tf",
        "roles/pubsub.subscriber",
        "roles/pubsub.viewer",
        says="may not take given-up messages off every subscription",
    ),
    Mistake(
        "cloud",
        "dead letters in no table",
        "infra/pipeline.yaml",
        "  dead-letters-rows: {",
        "  # dead-letters-rows: {",
        says="A dead-letter topic does not land in BigQuery",
    ),
    Mistake(
        "cloud",
        "rows without the table's schema",
        "infra/subscriptions.tf",
        "use_table_schema = !try(each.value.raw, false)",
        "use_table_schema = false",
        says="A BigQuery subscription writes columns or",
    ),
    Mistake(
        "cloud",
        "the agent may not write rows",
        "infra/subscriptions.tf",
        "roles/bigquery.dataEditor",
        "roles/bigquery.dataViewer",
        says="may not write to the table of a BigQuery subscription",
    ),
    Mistake(
        "cloud",
        "a notification of every change",
        "infra/storage.tf",
        '["OBJECT_FINALIZE"]',
        '["OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE"]',
        says="A bucket notifies of more than finished objects",
    ),
    Mistake(
        "cloud",
        "Cloud Storage may not publish",
        "infra/storage.tf",
        '"roles/pubsub.publisher"',
        '"roles/pubsub.viewer"',
        says="Cloud Storage's service agent may not publish",
    ),
    Mistake(
        "cloud",
        "a deadline under the function's timeout",
        "infra/pipeline.yaml",
        "function: hash, ack_deadline_s: 120",
        "function: hash, ack_deadline_s: 20",
    ),
    Mistake(
        "cloud",
        "messages are not kept",
        "infra/topics.tf",
        "  message_retention_duration = local.retention # for replays from a point in time\n",
        "",
        says="A topic keeps its messages for less than 7 days",
    ),
    Mistake(
        "cloud",
        "subscriptions expire",
        "infra/subscriptions.tf",
        'ttl = "" # never',
        'ttl = "86400s" # never',
        says="A subscription expires when it is quiet",
    ),
    Mistake(
        "cloud",
        "one account for all functions",
        "infra/functions.tf",
        OWN_ACCOUNT,
        OWN_ACCOUNT.replace("each.key", '"hash"'),
        says="Two functions run as the same account",
    ),
    Mistake(
        "cloud",
        "anybody may call a function",
        "infra/functions.tf",
        "member   = google_service_account.invoker[each.key].member",
        'member   = "allUsers"',
        says="Something is granted to everybody",
    ),
    Mistake(
        "cloud",
        "a role of the whole project",
        "infra/functions.tf",
        "roles/bigquery.jobUser",
        "roles/editor",
        says="A primitive role",
    ),
    Mistake(
        "cloud",
        "functions open to the internet",
        "infra/functions.tf",
        '"ALLOW_INTERNAL_ONLY"',
        '"ALLOW_ALL"',
        says="A function can be reached from the internet",
    ),
    Mistake(
        "cloud",
        "a push with another function's token",
        "infra/subscriptions.tf",
        OWN_TOKEN,
        OWN_TOKEN.replace("each.value.function", '"hash"'),
        says="A push subscription calls its function without its invoker's token",
    ),
    Mistake(
        "cloud",
        "a right to one more topic",
        "infra/functions.tf",
        "for topic in f.publishes :",
        'for topic in setunion(f.publishes, ["overrides"]) :',
        says="The rights on topics are not those",
    ),
    Mistake(
        "cloud",
        "write on a bucket that is only read",
        "infra/functions.tf",
        ': "roles/storage.objectViewer"',
        ': "roles/storage.objectAdmin"',
        says="The rights on buckets are not those",
    ),
    Mistake(
        "options",
        "the key for every function",
        "infra/functions.tf",
        "toset([for secret in try(f.secrets, []) : secret if contains(var.secrets, secret)])",
        "toset(var.secrets)",
        says="A function gets another secret than those it asks for",
    ),
    Mistake(
        "options",
        "a function of the wrong memory",
        "infra/functions.tf",
        "memory_mib}Mi",
        "memory_mib * 2}Mi",
        says="function_limits does not set what it says, or more",
    ),
    Mistake(
        "archives",
        "an archive without its content's name",
        "infra/archives.tf",
        "-${data.archive_file.this[each.key].output_md5}.zip",
        ".zip",
        says="An archive's name does not change with its content",
    ),
    Mistake(
        "archives",
        "shared code that redeploys nothing",
        "infra/archives.tf",
        '"shared/**/*.',
        '"shared/none/*.',
        says="An archive lacks shared/",
    ),
    Mistake(
        "cloud",
        "access object by object",
        "infra/storage.tf",
        "uniform_bucket_level_access = true",
        "uniform_bucket_level_access = false",
        says="A bucket could be made public",
    ),
    Mistake(
        "cloud",
        "a bucket that may be made public",
        "infra/storage.tf",
        '"enforced"',
        '"inherited"',
        says="A bucket could be made public",
    ),
    Mistake(
        "cloud",
        "uploads that broke off stay",
        "infra/storage.tf",
        '"AbortIncompleteMultipartUpload", storage',
        '"Delete", storage',
        says="A bucket keeps, and is paid for, uploads",
    ),
    Mistake(
        "cloud",
        "staging that is kept",
        "infra/storage.tf",
        "bucket.delete_after_days, null) == null ? []",
        "bucket.delete_after_days, null) != 0 ? []",
        says="A bucket keeps what is temporary, or deletes what is not",
    ),
    Mistake(
        "cloud",
        "rows that are never dropped",
        "infra/bigquery.tf",
        "expiration_ms = local.keep_days[each.key] == null ? null :",
        "expiration_ms = local.keep_days[each.key] != null ? null :",
        says="A table loses rows that are needed",
    ),
    Mistake(
        "cloud",
        "tables without protection",
        "infra/bigquery.tf",
        "deletion_protection = var.deletion_protection",
        "deletion_protection = false",
        says="A table may be deleted with a mistaken apply",
    ),
    Mistake(
        "cloud",
        "tables without partitions",
        "infra/bigquery.tf",
        PARTITION,
        "for_each = []",
        says="A table is not partitioned and clustered as pipeline.yaml says",
    ),
    Mistake(
        "options",
        "a resource without labels",
        "infra/topics.tf",
        "  labels                     = local.labels\n",
        "",
        says="for labels in concat(",
    ),
    Mistake(
        "options",
        "a region of our own",
        "infra/schedules.tf",
        "= var.region",
        '= "europe-west1"',
        says="Something is made elsewhere than in the region",
    ),
    Mistake(
        "cloud",
        "a view before those it reads",
        "infra/bigquery.tf",
        "if length(reads) == 0]",
        "if length(reads) >= 0]",
        says="A view is made before one that it reads",
    ),
    Mistake(
        "incidents",
        "a builder that cannot read Google's copies",
        "infra/functions.tf",
        "gcf-v2-sources-",
        "gcf-sources-",
        says="test_tpg_20571",
    ),
    Mistake(
        "incidents",
        "a builder that reads every bucket",
        "infra/functions.tf",
        'resource.name.startsWith(\\"projects/_/buckets/${local.sources_bucket}\\")',
        "true",
        says="test_tpg_20571",
    ),
    Mistake(
        "incidents",
        "functions that wait for no grant",
        "infra/functions.tf",
        "    time_sleep.grants,\n",
        "",
        says="test_tpg_19085_a_wait_lies_between_a_grant_and_what_needs_it[google_cloudfunctions2_function",
    ),
    Mistake(
        "incidents",
        "rows that wait for no grant",
        "infra/subscriptions.tf",
        "  depends_on = [time_sleep.grants]\n}\n\n# Pub/Sub writes",
        "  depends_on = [google_bigquery_table_iam_member.writer]\n}\n\n# Pub/Sub writes",
        says="test_tpg_19085_a_wait_lies_between_a_grant_and_what_needs_it[google_pubsub_subscription.rows",
    ),
    Mistake(
        "incidents",
        "a wait of ten seconds",
        "infra/main.tf",
        '"120s"',
        '"10s"',
        says="test_tpg_17397",
    ),
    Mistake(
        "incidents",
        "a wait that does not begin again",
        "infra/main.tf",
        "values(google_bigquery_table_iam_member.writer)",
        "[]",
        says="test_tpg_17397",
    ),
    Mistake(
        "incidents",
        "more processors than a new project has",
        "infra/pipeline.yaml",
        "concurrency: 2, max_instances: 10",
        "concurrency: 2, max_instances: 11",
        says="test_ft_5867_a_function_fits_into_what_a_new_project_may_run[probe",
    ),
    Mistake(
        "incidents",
        "zeros in the dashboard",
        "infra/dashboard.json.tftpl",
        " if place > 0",
        "",
        says="test_tpg_24650",
    ),
    Mistake(
        "incidents",
        "given up in the evening",
        "infra/pipeline.yaml",
        "max_attempts: 100",
        "max_attempts: 20",
        says="test_pub_sub_gives_up_after_a_night",
    ),
    Mistake(
        "mistakes",
        "memory that needs more processors",
        "infra/functions.tf",
        "memory_mib <= 4096 ?",
        "memory_mib <= 9999 ?",
    ),
    Mistake(
        "cloud",
        "a topic of another deployment",
        "infra/topics.tf",
        '"${var.name}-${each.key}"',
        "each.key",
        says="by the names in pipeline.yaml, after the one of their deployment",
    ),
    Mistake(
        "incidents",
        "a bucket of another deployment",
        "infra/storage.tf",
        '"${var.project}-${var.name}-${name}"',
        '"${var.project}-${name}"',
        says="test_agent_starter_pack_196",
    ),
    Mistake(
        "incidents",
        "an account of another deployment",
        "infra/functions.tf",
        'account_id   = "${var.name}-builder"',
        'account_id   = "creatives-builder"',
        says="test_agent_starter_pack_196",
    ),
    Mistake(
        "options",
        "a topic without the key",
        "infra/topics.tf",
        "= var.kms_key",
        "= null",
        says="for key in concat(",
    ),
    Mistake(
        "options",
        "tables without the key",
        "infra/bigquery.tf",
        "kms_key_name = encryption_configuration.value",
        'kms_key_name = ""',
        says="Something is not encrypted with the key",
    ),
    Mistake(
        "options",
        "a bucket that is there is made",
        "infra/storage.tf",
        "if !contains(keys(var.existing.buckets), name)",
        "if true",
        says="that was named as existing would be made",
    ),
    Mistake(
        "options",
        "builds past the pool",
        "infra/functions.tf",
        "= var.worker_pool",
        "= null",
        says="f.build_config[0].worker_pool == var.worker_pool",
    ),
    Mistake(
        "discovery",
        "an aligner that there is not",
        "infra/dashboard.json.tftpl",
        '"ALIGN_MAX"',
        '"ALIGN_MAXIMUM"',
        says="test_every_body_is_one_that_its_api_takes",
    ),
    Mistake(
        "incidents",
        "an invoker that is lost with its function",
        "infra/functions.tf",
        "    replace_triggered_by = [google_cloudfunctions2_function.this[each.key].id]\n",
        "",
        says="test_a_function_that_is_made_anew_gets_its_invoker_again",
    ),
    Mistake(
        "cloudbuild",
        "an account in the build's file",
        "cloudbuild.yaml",
        "timeout: 3600s",
        "serviceAccount: x\ntimeout: 3600s",
        says="test_no_account_is_named",
    ),
    Mistake(
        "incidents",
        "providers that nobody locked",
        "infra/.gitignore",
        ".terraform/\n",
        ".terraform/\n.terraform.lock.hcl\n",
        says="test_providers_are_locked",
    ),
    Mistake(
        "cloud",
        "a clock that ticks nobody",
        "infra/schedules.tf",
        "this[each.value.topic]",
        'this["failures"]',
        says="A schedule publishes to another topic than pipeline.yaml says",
    ),
)


def main() -> None:
    """Prints what came of each mistake; exits with 1 where one was not noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.broken_rules", description=__doc__)
    parser.add_argument("--only", default="", help="the mistakes whose name, or file of rules, holds these words")
    only = parser.parse_args().only
    chosen = [mistake for mistake in MISTAKES if only in f"{mistake.rules}: {mistake.name}"]
    missed = 0
    with _copy() as root:
        for rules in sorted({mistake.rules for mistake in chosen}):
            require_sound(root, rules)
        for mistake, noticed in _tried(chosen, root):
            missed += noticed is None
            sys.stdout.write(f"{mistake.name:42} {noticed or 'NOT NOTICED'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} mistakes, {len(chosen) - missed} noticed\n")
    raise SystemExit(1 if missed else 0)


def _tried(chosen: Sequence[Mistake], root: Path) -> Iterator[tuple[Mistake, str | None]]:
    """Each mistake with what noticed it."""
    for together in batches(chosen):
        said = _said_of(together, root)
        for mistake in together:
            own = _line_with(mistake.says, said) if mistake.says or len(together) == 1 else None
            yield mistake, own or (_line_with(mistake.says, _said_of([mistake], root)) if len(together) > 1 else None)


def batches(mistakes: Sequence[Mistake]) -> list[list[Mistake]]:
    """The mistakes in groups that can be made together: of one file of rules, each noticed in words of its own."""
    found: list[list[Mistake]] = []
    for mistake in mistakes:
        for group in found:
            fits = group[0].rules == mistake.rules and all(_apart(each.says, mistake.says) for each in group)
            if mistake.says and fits:
                group.append(mistake)
                break
        else:
            found.append([mistake])
    return found


def _apart(one: str, other: str) -> bool:
    return bool(one) and bool(other) and one not in other and other not in one


def _line_with(words: str, said: Sequence[str]) -> str | None:
    return next((each for each in said if words in each), None)


def require_sound(root: Path, rules: str) -> None:
    """Returns where a file of rules is content with what is there.

    Raises:
        SystemExit: where it is not.
    """
    said = _asked(rules, root)
    if said:
        raise SystemExit(f"before anything is broken, {rules} refuses it: {said[0]}")


def applied(mistake: Mistake, text: str) -> str:
    """A file's text with the mistake in it."""
    if mistake.right not in text:
        raise ValueError(f"{mistake.name}: {mistake.file} no longer says {mistake.right!r}")
    return text.replace(mistake.right, mistake.wrong, 1)


def _said_of(mistakes: Sequence[Mistake], root: Path) -> list[str]:
    """What their rules say when all of them are made."""
    right = {mistake.file: (root / mistake.file).read_text() for mistake in mistakes}
    try:
        for mistake in mistakes:
            path = root / mistake.file
            path.write_text(applied(mistake, path.read_text()))
        return _asked(mistakes[0].rules, root)
    finally:
        for file, text in right.items():
            (root / file).write_text(text)


def _asked(rules: str, root: Path) -> list[str]:
    """All that one file of rules has to say."""
    if rules in TESTS:
        return _failed(root, TESTS[rules])
    return _refused(root, f"-filter=tests/{rules}.tftest.hcl")


def _refused(root: Path, filtered: str) -> list[str]:
    """All that a file of Terraform's own tests has to say against it, the end of it first."""
    try:
        _terraform(root).run("test", "-no-color", filtered)
    except terraform.TerraformError as error:
        blocks = [" ".join(block.split()) for block in str(error).rstrip().split("\n\n")]
        return blocks[::-1]
    return []


def _terraform(root: Path) -> terraform.Terraform:
    program, offline = terraform.find() or (Path("terraform"), False)
    return terraform.Terraform(program, root / "infra", offline=offline)


def _failed(root: Path, file: str) -> list[str]:
    """The tests of a file that fail."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "--tb=no", "-rfE", file]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    return [line.split(" - ")[0] for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]


@contextmanager
def _copy() -> Iterator[Path]:
    """The repository as it is, and beside it what lies beside it."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / ROOT.name
        shutil.copytree(ROOT, root, ignore=NOT_COPIED)
        beside = ROOT.parent / "shared"
        if beside.exists():
            (root.parent / "shared").symlink_to(beside)
        _terraform(root).init()
        yield root


if __name__ == "__main__":
    main()
