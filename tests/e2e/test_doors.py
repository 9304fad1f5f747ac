"""Lists, spreadsheets and archives through the whole pipeline: each line is an ad that is told of, and told of once."""

import json
import zipfile
from decimal import Decimal
from pathlib import Path

import pytest

from tests import spreadsheets
from tests.e2e import pipelines
from tests.gemini_server import GeminiServer
from tests.hostile_server import HostileServer
from tests.pictures import draw, encode


@pytest.mark.long
def test_each_line_of_each_list_and_each_file_of_an_archive_is_an_ad(tmp_path: Path) -> None:
    with HostileServer() as site, GeminiServer() as gemini:
        rows: list[list[object]] = [
            ["Weekly report", "", ""],
            ["Ad ID", "Image URL", "Video URL"],
            [101, site.url("/images/1.png"), "--"],
            [102, f"{site.url('/images/2.png')}, {site.url('/images/3.png')}", ""],
            [103, "", ""],
            [104, "N/A", ""],
        ]
        (tmp_path / "ads.xlsx").write_bytes(spreadsheets.xlsx({"Ads": rows}))
        address = site.url("/images/1.png").replace("http://", "HTTP:\\\\")
        head, line = "Anzeigen-ID;Bild-URL;Größe;Impressions;Clicks;cost_micros", f"105; {address} ;5;1.000;7;8750001"
        (tmp_path / "ads.csv").write_bytes(f"{head}\r\n{line}\r\n".encode("cp1252"))
        with zipfile.ZipFile(tmp_path / "ads.zip", "w") as archive:
            archive.writestr("sub/one.png", encode(draw(300, 250), "PNG"))
            archive.writestr("Thumbs.db", b"\xd0\xcf\x11\xe0")
        folder = tmp_path / "folder"
        folder.mkdir()
        for name in (".hidden.png", "Thumbs.db", "empty.png"):
            (folder / name).write_bytes(b"")
        (folder / "gone.png").symlink_to(tmp_path / "nowhere")
        lists = [tmp_path / name for name in ("ads.xlsx", "ads.csv", "ads.zip", "folder")]

        variables = {
            "FETCH_ALLOW_HOSTS": site.host_port,
            "GEMINI_API_KEY": "key",
            "GOOGLE_GEMINI_BASE_URL": gemini.url,
        }
        with pipelines.up(tmp_path / "data", "--extractor", "gemini", variables=variables) as found:
            first, again = (pipelines.analyze(*lists, data=tmp_path / "data") for _ in range(2))
            failures = pipelines.run("failures", "--json", data=tmp_path / "data").stdout
            status = json.loads(pipelines.run("status", "--json", data=tmp_path / "data").stdout)
            exported = pipelines.run("export", "--format", "ndjson", "--out", "-", data=tmp_path / "data").stdout
            client = pipelines.bigquery_client(found)
            (daily,) = client.query_and_wait("SELECT * FROM creatives.creative_daily")

    told = {(ad["ad_id"], ad["source"]): (ad["status"] != "failed", ad["reason"]) for ad in first}
    assert told == {
        ("101", site.url("/images/1.png")): (True, None),
        ("102", site.url("/images/2.png")): (True, None),
        ("102", site.url("/images/3.png")): (True, None),
        ("103", None): (False, "malformed_ad"),
        ("104", "N/A"): (False, "invalid_url"),
        ("105", address): (True, None),
        (f"{tmp_path}/ads.zip/sub/one.png", f"{tmp_path}/ads.zip/sub/one.png"): (True, None),
        (f"{folder}/empty.png", f"{folder}/empty.png"): (False, "empty_file"),
        (f"{folder}/gone.png", f"{folder}/gone.png"): (False, "unreadable_file"),
    }
    assert sum(status["by_status"].values()) == len(exported.splitlines()) == len(first)
    assert (daily["n_creatives"], daily["n_ads"], daily["impressions"], daily["currency"]) == (1, 1, 1000, None)
    assert abs(daily["spend"] / daily["clicks"] - Decimal("1.250000142857")) < Decimal("1e-6")
    assert sorted(map(str, again)) == sorted(map(str, first))
    assert sorted(json.loads(line)["ad_id"] for line in failures.splitlines()) == [
        *(f"{folder}/{name}" for name in ("empty.png", "gone.png")),
        *("103", "104"),
    ]
