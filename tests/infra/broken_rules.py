"""Breaks the rules of infra/ one by one in a copy, and tells which of them no test notices.

    .venv/bin/python -m tests.infra.broken_rules [--only WORDS]

Each mistake is one that a reviewer could let through: a binding too wide, a policy left out, a deadline too short.
The file that should notice it, of infra/tests or of tests/infra, is asked. Before anything is broken it has to be
content: what fails anyway notices nothing.
"""

import argparse
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
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
    """

    rules: str
    name: str
    file: str
    right: str
    wrong: str


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
    Mistake("cloud", "a topic that nobody takes from", "infra/pipeline.yaml", "topics:\n", "topics:\n  orphans: {}\n"),
    Mistake("cloud", "retries without a policy", "infra/subscriptions.tf", RETRIES, ""),
    Mistake("cloud", "no dead letter", "infra/subscriptions.tf", DEAD_LETTERS, "for_each = toset([])"),
    Mistake(
        "cloud",
        "the agent may not publish dead letters",
        "infra/topics.tf",
        "roles/pubsub.publisher",
        "roles/pubsub.viewer",
    ),
    Mistake(
        "cloud",
        "the agent may not take dead letters off",
        "infra/topics.tf",
        "roles/pubsub.subscriber",
        "roles/pubsub.viewer",
    ),
    Mistake(
        "cloud",
        "dead letters in no table",
        "infra/pipeline.yaml",
        "  dead-letters-rows: {",
        "  # dead-letters-rows: {",
    ),
    Mistake(
        "cloud",
        "rows without the table's schema",
        "infra/subscriptions.tf",
        "use_table_schema = !try(each.value.raw, false)",
        "use_table_schema = false",
    ),
    Mistake(
        "cloud",
        "the agent may not write rows",
        "infra/subscriptions.tf",
        "roles/bigquery.dataEditor",
        "roles/bigquery.dataViewer",
    ),
    Mistake(
        "cloud",
        "a notification of every change",
        "infra/storage.tf",
        '["OBJECT_FINALIZE"]',
        '["OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE"]',
    ),
    Mistake(
        "cloud",
        "Cloud Storage may not publish",
        "infra/storage.tf",
        '"roles/pubsub.publisher"',
        '"roles/pubsub.viewer"',
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
    ),
    Mistake("cloud", "subscriptions expire", "infra/subscriptions.tf", 'ttl = "" # never', 'ttl = "86400s" # never'),
    Mistake(
        "cloud",
        "one account for all functions",
        "infra/functions.tf",
        OWN_ACCOUNT,
        OWN_ACCOUNT.replace("each.key", '"hash"'),
    ),
    Mistake(
        "cloud",
        "anybody may call a function",
        "infra/functions.tf",
        "member   = google_service_account.invoker[each.key].member",
        'member   = "allUsers"',
    ),
    Mistake("cloud", "a role of the whole project", "infra/functions.tf", "roles/bigquery.jobUser", "roles/editor"),
    Mistake("cloud", "functions open to the internet", "infra/functions.tf", '"ALLOW_INTERNAL_ONLY"', '"ALLOW_ALL"'),
    Mistake(
        "cloud",
        "a push with another function's token",
        "infra/subscriptions.tf",
        OWN_TOKEN,
        OWN_TOKEN.replace("each.value.function", '"hash"'),
    ),
    Mistake(
        "cloud",
        "a right to one more topic",
        "infra/functions.tf",
        "for topic in f.publishes :",
        'for topic in setunion(f.publishes, ["overrides"]) :',
    ),
    Mistake(
        "cloud",
        "write on a bucket that is only read",
        "infra/functions.tf",
        ': "roles/storage.objectViewer"',
        ': "roles/storage.objectAdmin"',
    ),
    Mistake(
        "options",
        "the key for every function",
        "infra/functions.tf",
        "toset([for secret in try(f.secrets, []) : secret if contains(var.secrets, secret)])",
        "toset(var.secrets)",
    ),
    Mistake("options", "a function of the wrong memory", "infra/functions.tf", "memory_mib}Mi", "memory_mib * 2}Mi"),
    Mistake(
        "archives",
        "an archive without its content's name",
        "infra/archives.tf",
        "-${data.archive_file.this[each.key].output_md5}.zip",
        ".zip",
    ),
    Mistake("archives", "shared code that redeploys nothing", "infra/archives.tf", '"shared/**/*.', '"shared/none/*.'),
    Mistake(
        "cloud",
        "access object by object",
        "infra/storage.tf",
        "uniform_bucket_level_access = true",
        "uniform_bucket_level_access = false",
    ),
    Mistake("cloud", "a bucket that may be made public", "infra/storage.tf", '"enforced"', '"inherited"'),
    Mistake(
        "cloud",
        "uploads that broke off stay",
        "infra/storage.tf",
        '"AbortIncompleteMultipartUpload", storage',
        '"Delete", storage',
    ),
    Mistake(
        "cloud",
        "staging that is kept",
        "infra/storage.tf",
        "bucket.delete_after_days, null) == null ? []",
        "bucket.delete_after_days, null) != null ? []",
    ),
    Mistake(
        "cloud",
        "tables without protection",
        "infra/bigquery.tf",
        "deletion_protection = var.deletion_protection",
        "deletion_protection = false",
    ),
    Mistake("cloud", "tables without partitions", "infra/bigquery.tf", PARTITION, "for_each = []"),
    Mistake(
        "options", "a resource without labels", "infra/topics.tf", "  labels                     = local.labels\n", ""
    ),
    Mistake("options", "a region of our own", "infra/schedules.tf", "= var.region", '= "europe-west1"'),
    Mistake(
        "cloud",
        "a view before those it reads",
        "infra/bigquery.tf",
        "if length(reads) == 0]",
        "if length(reads) >= 0]",
    ),
    Mistake(
        "incidents",
        "a builder that cannot read Google's copies",
        "infra/functions.tf",
        "gcf-v2-sources-",
        "gcf-sources-",
    ),
    Mistake(
        "incidents",
        "a builder that reads every bucket",
        "infra/functions.tf",
        'resource.name.startsWith(\\"projects/_/buckets/${local.sources_bucket}\\")',
        "true",
    ),
    Mistake("incidents", "functions that wait for no grant", "infra/functions.tf", "    time_sleep.grants,\n", ""),
    Mistake(
        "incidents",
        "rows that wait for no grant",
        "infra/subscriptions.tf",
        "  depends_on = [time_sleep.grants]\n}\n\n# Pub/Sub writes",
        "  depends_on = [google_bigquery_table_iam_member.writer]\n}\n\n# Pub/Sub writes",
    ),
    Mistake("incidents", "a wait of ten seconds", "infra/main.tf", '"120s"', '"10s"'),
    Mistake(
        "incidents",
        "a wait that does not begin again",
        "infra/main.tf",
        "values(google_bigquery_table_iam_member.writer)",
        "[]",
    ),
    Mistake(
        "incidents",
        "more processors than a new project has",
        "infra/pipeline.yaml",
        "concurrency: 2, max_instances: 10",
        "concurrency: 2, max_instances: 11",
    ),
    Mistake("incidents", "zeros in the dashboard", "infra/dashboard.json.tftpl", " if place > 0", ""),
    Mistake("incidents", "given up in the evening", "infra/pipeline.yaml", "max_attempts: 100", "max_attempts: 20"),
    Mistake(
        "mistakes",
        "memory that needs more processors",
        "infra/functions.tf",
        "memory_mib <= 4096 ?",
        "memory_mib <= 9999 ?",
    ),
    Mistake("cloud", "a topic of another deployment", "infra/topics.tf", '"${var.name}-${each.key}"', "each.key"),
    Mistake(
        "incidents",
        "a bucket of another deployment",
        "infra/storage.tf",
        '"${var.project}-${var.name}-${name}"',
        '"${var.project}-${name}"',
    ),
    Mistake(
        "incidents",
        "an account of another deployment",
        "infra/functions.tf",
        'account_id   = "${var.name}-builder"',
        'account_id   = "creatives-builder"',
    ),
    Mistake("options", "a topic without the key", "infra/topics.tf", "= var.kms_key", "= null"),
    Mistake(
        "options",
        "tables without the key",
        "infra/bigquery.tf",
        "kms_key_name = encryption_configuration.value",
        'kms_key_name = ""',
    ),
    Mistake(
        "options",
        "a bucket that is there is made",
        "infra/storage.tf",
        "if !contains(keys(var.existing.buckets), name)",
        "if true",
    ),
    Mistake("options", "builds past the pool", "infra/functions.tf", "= var.worker_pool", "= null"),
    Mistake(
        "discovery",
        "an aligner that there is not",
        "infra/dashboard.json.tftpl",
        '"ALIGN_MAX"',
        '"ALIGN_MAXIMUM"',
    ),
    Mistake(
        "incidents",
        "an invoker that is lost with its function",
        "infra/functions.tf",
        "    replace_triggered_by = [google_cloudfunctions2_function.this[each.key].id]\n",
        "",
    ),
    Mistake(
        "cloudbuild",
        "an account in the build's file",
        "cloudbuild.yaml",
        "timeout: 3600s",
        "serviceAccount: x\ntimeout: 3600s",
    ),
    Mistake(
        "incidents",
        "providers that nobody locked",
        "infra/.gitignore",
        ".terraform/\n",
        ".terraform/\n.terraform.lock.hcl\n",
    ),
    Mistake("cloud", "a clock that ticks nobody", "infra/schedules.tf", "this[each.value.topic]", 'this["failures"]'),
)


def main() -> None:
    """Prints what came of each mistake; exits with 1 where one was not noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.broken_rules", description=__doc__)
    parser.add_argument("--only", default="", help="the mistakes whose name, or file of rules, holds these words")
    only = parser.parse_args().only
    chosen = sorted(
        (mistake for mistake in MISTAKES if only in f"{mistake.rules}: {mistake.name}"),
        key=lambda mistake: mistake.rules,
    )
    missed = 0
    with _copy() as root:
        for rules in sorted({mistake.rules for mistake in chosen}):
            require_sound(root, rules)
        for mistake in chosen:
            noticed = _noticed(mistake, root)
            missed += noticed is None
            sys.stdout.write(f"{mistake.name:42} {noticed or 'NOT NOTICED'}\n")
            sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} mistakes, {len(chosen) - missed} noticed\n")
    raise SystemExit(1 if missed else 0)


def require_sound(root: Path, rules: str) -> None:
    """Returns where a file of rules is content with what is there.

    Raises:
        SystemExit: where it is not.
    """
    said = _asked(rules, root)
    if said:
        raise SystemExit(f"before anything is broken, {rules} refuses it: {said}")


def applied(mistake: Mistake, text: str) -> str:
    """A file's text with the mistake in it."""
    if mistake.right not in text:
        raise ValueError(f"{mistake.name}: {mistake.file} no longer says {mistake.right!r}")
    return text.replace(mistake.right, mistake.wrong, 1)


def _noticed(mistake: Mistake, root: Path) -> str | None:
    """What its rules say of it; None where they say nothing."""
    path = root / mistake.file
    right = path.read_text()
    path.write_text(applied(mistake, right))
    try:
        return _asked(mistake.rules, root)
    finally:
        path.write_text(right)


def _asked(rules: str, root: Path) -> str | None:
    """What one file of rules has to say."""
    if rules in TESTS:
        return _failed(root, TESTS[rules])
    return _refused(root, f"-filter=tests/{rules}.tftest.hcl")


def _refused(root: Path, filtered: str) -> str | None:
    """The last thing that a file of Terraform's own tests has to say against it."""
    try:
        _terraform(root).run("test", "-no-color", filtered)
    except terraform.TerraformError as error:
        return " ".join(str(error).rstrip().split("\n\n")[-1].split())
    return None


def _terraform(root: Path) -> terraform.Terraform:
    program, offline = terraform.find() or (Path("terraform"), False)
    return terraform.Terraform(program, root / "infra", offline=offline)


def _failed(root: Path, file: str) -> str | None:
    """The first test of a file that fails."""
    command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--tb=no", "-rfE", file]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    failures = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    return failures[0].split(" - ")[0] if failures else None


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
