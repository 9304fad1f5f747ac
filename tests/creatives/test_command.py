"""The command from outside: what is wrong with the data folder is a sentence on stderr and exit code 2.

Every command on every kind of folder, in one process: test_folders.py.
"""

import subprocess
from pathlib import Path

import pytest

from shared.wiring import ROOT
from tests.e2e import pipelines


def a_file(data: Path) -> None:
    data.write_text("mine")


def with_damaged_tables(data: Path) -> None:
    (data / "bigquery").mkdir(parents=True)
    (data / "bigquery" / "local.ducklake").write_bytes(b"\x00\xffno database" * 1000)


def with_a_damaged_queue(data: Path) -> None:
    (data / "pubsub").mkdir(parents=True)
    (data / "pubsub" / "queues.sqlite").write_bytes(b"SQLite format 3\x00" + b"\xff" * 5000)


SAMPLE = str(ROOT / "samples" / "media-plan.txt")
CASES = {
    "analyze on a file": (["analyze", SAMPLE], a_file, "is not a folder"),
    "export of damaged tables": (["export", "--out", "-"], with_damaged_tables, "local.ducklake"),
    "analyze with a damaged queue": (["analyze", SAMPLE], with_a_damaged_queue, "queues.sqlite is damaged"),
}


@pytest.mark.parametrize("closed", ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
def test_streams_that_a_shell_has_closed_are_no_fault(tmp_path: Path, closed: str) -> None:
    command = ["sh", "-c", f'exec "$0" status --data "$1" {closed}', str(pipelines.CREATIVES), str(tmp_path)]

    done = subprocess.run(command, capture_output=True, text=True, check=False)

    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert ("holds no dataset yet" in done.stderr) == ("2>" not in closed)


@pytest.mark.parametrize(
    ("extractor", "variables", "said"),
    [
        (
            "azure",
            {"AZURE_OPENAI_ENDPOINT": "https://x.example"},
            "creatives: EXTRACTOR=azure needs AZURE_OPENAI_API_KEY",
        ),
        ("openai", {"OPENAI_MODEL": "llava", "OPENAI_BASE_URL": "http://127.0.0.1:9/v1"}, "nobody answers at"),
        ("clairvoyant", {}, "EXTRACTOR: Input should be 'auto', 'offline', 'gemini', 'azure' or 'openai'"),
        (
            "gemini",
            {"GOOGLE_GENAI_USE_VERTEXAI": "1", "EXTRACTION_MODE": "flex", "GOOGLE_CLOUD_LOCATION": "europe-west4"},
            "creatives: EXTRACTION_MODE=flex is offered at GOOGLE_CLOUD_LOCATION=global only",
        ),
        ("offline", {"MEDIA_RESOLUTION": "huge"}, "MEDIA_RESOLUTION: Input should be"),
    ],
)
def test_an_extractor_that_cannot_answer_ends_the_command_before_anything_is_started(
    tmp_path: Path, extractor: str, variables: dict[str, str], said: str
) -> None:
    data = tmp_path / "data"

    done = pipelines.run("analyze", SAMPLE, data=data, expect=2, variables={"EXTRACTOR": extractor, **variables})

    (last,) = [line for line in done.stderr.splitlines() if line.startswith("creatives: ")]
    assert said in last
    assert "Traceback" not in done.stderr
    assert not list(data.glob("logs/*.log"))


@pytest.mark.parametrize("name", CASES)
def test_a_folder_that_cannot_be_used_is_a_sentence_and_exit_code_2(tmp_path: Path, name: str) -> None:
    arguments, prepare, said = CASES[name]
    data = tmp_path / "data"
    prepare(data)

    done = pipelines.run(*arguments, data=data, expect=2)

    (last,) = [line for line in done.stderr.splitlines() if line.startswith("creatives: ")]
    assert said in last
    assert "Traceback" not in done.stderr
    assert '{"' not in done.stderr
