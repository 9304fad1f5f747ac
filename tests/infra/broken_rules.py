"""Breaks the rules of infra/ one by one in a copy, and tells which of them no test notices.

    .venv/bin/python -m tests.infra.broken_rules [--only WORDS]

Each mistake is one that a reviewer could let through: a binding too wide, a policy left out, a deadline too short.
The tests of infra/ that take seconds are asked first; Terraform's own rules, which take a minute, after them.
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

from local.pipeline import ROOT

TESTS = ("tests/infra/test_plan.py", "tests/infra/test_terraform.py")
NOT_COPIED = shutil.ignore_patterns(".git", ".venv", ".uv", ".creatives", ".build", ".terraform", "*cache*")


@dataclass(frozen=True)
class Mistake:
    """One change of one file.

    Attributes:
        name: the rule that it breaks.
        file: below the root.
        right: what stands there; its first occurrence is changed.
        wrong: what stands there afterwards.
    """

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
    Mistake("a topic that nobody takes from", "infra/pipeline.yaml", "topics:\n", "topics:\n  orphans: {}\n"),
    Mistake("retries without a policy", "infra/subscriptions.tf", RETRIES, ""),
    Mistake("no dead letter", "infra/subscriptions.tf", DEAD_LETTERS, "for_each = toset([])"),
    Mistake(
        "the agent may not publish dead letters", "infra/topics.tf", "roles/pubsub.publisher", "roles/pubsub.viewer"
    ),
    Mistake(
        "the agent may not take dead letters off", "infra/topics.tf", "roles/pubsub.subscriber", "roles/pubsub.viewer"
    ),
    Mistake("dead letters in no table", "infra/pipeline.yaml", "  dead-letters-rows: {", "  # dead-letters-rows: {"),
    Mistake(
        "rows without the table's schema",
        "infra/subscriptions.tf",
        "use_table_schema = !try(each.value.raw, false)",
        "use_table_schema = false",
    ),
    Mistake(
        "the agent may not write rows",
        "infra/subscriptions.tf",
        "roles/bigquery.dataEditor",
        "roles/bigquery.dataViewer",
    ),
    Mistake(
        "a notification of every change",
        "infra/storage.tf",
        '["OBJECT_FINALIZE"]',
        '["OBJECT_FINALIZE", "OBJECT_METADATA_UPDATE"]',
    ),
    Mistake("Cloud Storage may not publish", "infra/storage.tf", '"roles/pubsub.publisher"', '"roles/pubsub.viewer"'),
    Mistake(
        "a deadline under the function's timeout",
        "infra/pipeline.yaml",
        "function: hash, ack_deadline_s: 120",
        "function: hash, ack_deadline_s: 20",
    ),
    Mistake(
        "messages are not kept",
        "infra/topics.tf",
        "  message_retention_duration = local.retention # for replays from a point in time\n",
        "",
    ),
    Mistake("subscriptions expire", "infra/subscriptions.tf", 'ttl = "" # never', 'ttl = "86400s" # never'),
    Mistake(
        "one account for all functions", "infra/functions.tf", OWN_ACCOUNT, OWN_ACCOUNT.replace("each.key", '"hash"')
    ),
    Mistake(
        "anybody may call a function",
        "infra/functions.tf",
        "member   = google_service_account.invoker[each.key].member",
        'member   = "allUsers"',
    ),
    Mistake("a role of the whole project", "infra/functions.tf", "roles/bigquery.jobUser", "roles/editor"),
    Mistake("functions open to the internet", "infra/functions.tf", '"ALLOW_INTERNAL_ONLY"', '"ALLOW_ALL"'),
    Mistake(
        "a push with another function's token",
        "infra/subscriptions.tf",
        OWN_TOKEN,
        OWN_TOKEN.replace("each.value.function", '"hash"'),
    ),
    Mistake(
        "a right to one more topic",
        "infra/functions.tf",
        "for topic in f.publishes :",
        'for topic in setunion(f.publishes, ["overrides"]) :',
    ),
    Mistake(
        "write on a bucket that is only read",
        "infra/functions.tf",
        ': "roles/storage.objectViewer"',
        ': "roles/storage.objectAdmin"',
    ),
    Mistake(
        "the key for every function",
        "infra/functions.tf",
        "toset([for secret in try(f.secrets, []) : secret if contains(var.secrets, secret)])",
        "toset(var.secrets)",
    ),
    Mistake("a function of the wrong memory", "infra/functions.tf", "memory_mib}Mi", "memory_mib * 2}Mi"),
    Mistake(
        "an archive without its content's name",
        "infra/archives.tf",
        "-${data.archive_file.this[each.key].output_md5}.zip",
        ".zip",
    ),
    Mistake("shared code that redeploys nothing", "infra/archives.tf", '"shared/**/*.', '"shared/none/*.'),
    Mistake(
        "access object by object",
        "infra/storage.tf",
        "uniform_bucket_level_access = true",
        "uniform_bucket_level_access = false",
    ),
    Mistake("a bucket that may be made public", "infra/storage.tf", '"enforced"', '"inherited"'),
    Mistake(
        "uploads that broke off stay",
        "infra/storage.tf",
        '"AbortIncompleteMultipartUpload", storage',
        '"Delete", storage',
    ),
    Mistake(
        "staging that is kept",
        "infra/storage.tf",
        "bucket.delete_after_days, null) == null ? []",
        "bucket.delete_after_days, null) != null ? []",
    ),
    Mistake(
        "tables without protection",
        "infra/bigquery.tf",
        "deletion_protection = var.deletion_protection",
        "deletion_protection = false",
    ),
    Mistake("tables without partitions", "infra/bigquery.tf", PARTITION, "for_each = []"),
    Mistake("a resource without labels", "infra/topics.tf", "  labels                     = local.labels\n", ""),
    Mistake("a region of our own", "infra/schedules.tf", "= var.region", '= "europe-west1"'),
    Mistake(
        "a view before those it reads",
        "infra/bigquery.tf",
        "if length(reads) == 0]",
        "if length(reads) >= 0]",
    ),
    Mistake("a clock that ticks nobody", "infra/schedules.tf", "this[each.value.topic]", 'this["failures"]'),
)


def main() -> None:
    """Prints what came of each mistake; exits with 1 where one was not noticed."""
    parser = argparse.ArgumentParser(prog="python -m tests.infra.broken_rules", description=__doc__)
    parser.add_argument("--only", default="", help="the mistakes whose name holds these words")
    only = parser.parse_args().only
    chosen = [mistake for mistake in MISTAKES if only in mistake.name]
    missed = 0
    for mistake in chosen:
        noticed = _noticed(mistake)
        missed += noticed is None
        sys.stdout.write(f"{mistake.name:42} {noticed or 'NOT NOTICED'}\n")
        sys.stdout.flush()
    sys.stdout.write(f"{len(chosen)} mistakes, {len(chosen) - missed} noticed\n")
    raise SystemExit(1 if missed else 0)


def applied(mistake: Mistake, text: str) -> str:
    """A file's text with the mistake in it."""
    if mistake.right not in text:
        raise ValueError(f"{mistake.name}: {mistake.file} no longer says {mistake.right!r}")
    return text.replace(mistake.right, mistake.wrong, 1)


def _noticed(mistake: Mistake) -> str | None:
    """The first test that fails with it."""
    with _copy() as root:
        path = root / mistake.file
        path.write_text(applied(mistake, path.read_text()))
        command = [sys.executable, "-m", "pytest", "-x", "-p", "no:cacheprovider", "--tb=no", "-rfE", *TESTS]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    lines = done.stdout.splitlines()
    failures = [line for line in lines if line.startswith(("FAILED", "ERROR"))]
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
        yield root


if __name__ == "__main__":
    main()
