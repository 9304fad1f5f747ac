"""`export`'s formats: what is said and what the file's ending says are one, or nothing is read."""

import os
from pathlib import Path

import pytest
import typer

from creatives.export import commands
from creatives.export.files import Format


@pytest.mark.parametrize(
    ("chosen", "out", "made"),
    [
        (None, None, "csv"),
        (None, "-", "csv"),
        (None, "ads", "csv"),
        (None, "/dev/null", "csv"),
        (None, "ads.csv", "csv"),
        (None, "ADS.Parquet", "parquet"),
        (None, "ads.jsonl", "ndjson"),
        (None, "ads.ndjson", "ndjson"),
        ("ndjson", None, "ndjson"),
        ("ndjson", "-", "ndjson"),
        ("parquet", "ads", "parquet"),
        ("csv", "ads.csv", "csv"),
    ],
)
def test_the_format_is_the_one_that_is_said(chosen: Format | None, out: str | None, made: Format) -> None:
    assert commands._format_of(chosen and Format(chosen), Path(out) if out else None) == made


@pytest.mark.parametrize(
    ("chosen", "out", "told"),
    [
        (None, "x.pdf", ".csv or .parquet or .ndjson or .jsonl"),
        (None, "ads.csv.gz", ".csv or .parquet or .ndjson or .jsonl"),
        ("csv", "ads.parquet", "csv goes into a file that ends in .csv"),
        ("parquet", "ads.csv", "parquet goes into a file that ends in .parquet"),
        ("ndjson", "ads.xlsx", "ndjson goes into a file that ends in .ndjson or .jsonl"),
    ],
)
def test_an_ending_that_says_otherwise_is_refused(
    chosen: Format | None, out: str, told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(typer.Exit):
        commands._format_of(chosen and Format(chosen), Path(out))

    assert told in capsys.readouterr().err


def test_a_pipe_s_name_says_nothing(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.tmp")

    assert commands._format_of(None, tmp_path / "pipe.tmp") is Format.CSV
