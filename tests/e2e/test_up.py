"""`creatives up`: any Google client starts the chain, a restart goes on with what was left, and a web page that the
user has open in a real browser meanwhile gets nothing and does nothing. The browser's own guard of local networks is
off: not every browser has one.
"""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import storage
from playwright.sync_api import Browser, Page, Response

from functions.render import browsers
from local import ports, processes, running
from local.pubsub import serving, status
from shared import wiring
from shared.wiring import ROOT
from tests import browser as installed
from tests.creatives.doctor.test_local_run import examine
from tests.e2e import pipelines, web_pages

pytestmark = pytest.mark.server

SAMPLES = ROOT / "samples"

# a gradient of 32x32 grey pixels
PIXELS = (
    "iVBORw0KGgoAAAANSUhEUgAAACAAAAAgCAAAAABWESUoAAAAIklEQVR4nGNkYcAPWNgJKeAkpIBjVMGoglEFg1EB428CCgA1DQJq"
    "RoJOlQAAAABJRU5ErkJggg=="
)

# As on a company's laptop; nothing listens there, so that what goes through it is lost.
PROXY = "http://127.0.0.1:9"
PROXIES = {"HTTP_PROXY": PROXY, "HTTPS_PROXY": PROXY, "http_proxy": PROXY, "https_proxy": PROXY, "grpc_proxy": PROXY}

# Plain clients, in a process that knows nothing of this project.
UPLOAD = """
import sys
from google.cloud import storage
bucket = storage.Client().bucket(sys.argv[1])
for path in sys.argv[2:]:
    bucket.blob("direct/" + path.rsplit("/", 1)[-1]).upload_from_filename(path)
"""
PUBLISH = """
import sys
from google.cloud import pubsub_v1
publisher = pubsub_v1.PublisherClient()
publisher.publish(publisher.topic_path(sys.argv[1], "url-batches"), sys.argv[2].encode()).result(30)
"""
QUERY = """
import json, sys
from google.cloud import bigquery
rows = bigquery.Client(project=sys.argv[1]).query(sys.argv[2]).result()
print(json.dumps([dict(row.items()) for row in rows], default=str))
"""

EXCHANGE = """
import json, sys
from google.cloud import bigquery, storage
project, dataset = sys.argv[1:]
bucket = storage.Client().create_bucket("exchange")
for number in (1, 2):
    bucket.blob(f"in/ads {number}.ndjson").upload_from_string(json.dumps({"ad_id": f"{number}"}))
tables = bigquery.Client(project=project)
columns = [bigquery.SchemaField("ad_id", "STRING")]
as_json = bigquery.LoadJobConfig(source_format="NEWLINE_DELIMITED_JSON", schema=columns)
tables.load_table_from_uri("gs://exchange/in/*.ndjson", f"{dataset}.exchanged", job_config=as_json).result()
tables.extract_table(f"{dataset}.exchanged", "gs://exchange/out/table.csv").result()
tables.query(
    "EXPORT DATA OPTIONS (uri='gs://exchange/out/query-*.csv', format='CSV', header=TRUE) AS "
    f"SELECT * FROM {dataset}.exchanged ORDER BY ad_id"
).result()
print(json.dumps({blob.name: blob.download_as_text() for blob in bucket.list_blobs(prefix="out/")}))
"""


def plain(code: str, *arguments: str, variables: Mapping[str, str]) -> str:
    command = [sys.executable, "-c", code, *arguments]
    return subprocess.run(command, env=dict(variables), check=True, capture_output=True, text=True).stdout


@dataclass(frozen=True)
class Up:
    """A pipeline that runs for all tests that need no other: one start takes as long as any of them."""

    data: Path
    variables: Mapping[str, str]

    def statuses(self) -> dict[str, str]:
        """The status of each ad."""
        with closing(pipelines.bigquery_client(self.variables)) as client:
            return {row["ad_id"]: row["status"] for row in pipelines.enriched(client, "ad_id, status")}

    def wait_for(self, expected: Mapping[str, str]) -> None:
        """Waits until each of these ads has its status."""
        status.wait_until_idle(self.variables["PUBSUB_STATUS_URL"], limit_s=pipelines.HANGS_S)
        pipelines.wait_for(lambda: expected.items() <= self.statuses().items(), pause_s=1)


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Up]:
    data = tmp_path_factory.mktemp("up")
    data.chmod(0o755)  # one that the user made, and that others may enter
    with pipelines.up(data, variables=PROXIES) as variables:
        yield Up(data, {**PROXIES, **variables})


def test_a_local_run_is_well_and_its_canary_arrives(started: Up) -> None:
    found = examine(started.variables, "canary")

    assert {what: said for what, said in found.items() if said[0] != "ok"} == {}
    assert {f"function {name}" for name in wiring.load().functions} <= set(found)
    assert {f"canary: {stage}" for stage in ("intake", "hash", "bits", "dedup", "extract")} <= set(found)


@pytest.mark.long
def test_a_restart_goes_on_with_what_was_left(tmp_path: Path) -> None:
    with pipelines.up(tmp_path) as variables:
        plain(UPLOAD, variables["CREATIVES_BUCKET"], str(SAMPLES / "cafe-offre.jpg"), variables=variables)

    with pipelines.up(tmp_path) as variables:
        Up(tmp_path, variables).wait_for({"direct/cafe-offre.jpg": "analysed"})


def test_an_upload_by_any_client_starts_the_chain(started: Up) -> None:
    files = [str(SAMPLES / "vanta-lease.jpg"), str(SAMPLES / "media-plan.txt")]
    plain(UPLOAD, started.variables["CREATIVES_BUCKET"], *files, variables=started.variables)

    started.wait_for({"direct/vanta-lease.jpg": "analysed", "direct/media-plan.txt": "failed"})


@pytest.mark.long
def test_a_batch_published_by_any_client_starts_the_chain(started: Up) -> None:
    picture = "data:image/png;base64," + PIXELS
    items = [{"ad_id": "a1", "url": picture}, {"ad_id": "a2", "url": "http://169.254.169.254/"}]
    batch = json.dumps({"batch_id": "b", "items": items})
    plain(PUBLISH, started.variables["GOOGLE_CLOUD_PROJECT"], batch, variables=started.variables)

    started.wait_for({"a1": "analysed", "a2": "failed"})
    sql = f"SELECT ad_id, status FROM `{started.variables['DATASET']}.ads_enriched`"
    told = json.loads(plain(QUERY, started.variables["GOOGLE_CLOUD_PROJECT"], sql, variables=started.variables))
    assert {row["ad_id"]: row["status"] for row in told} == started.statuses()


def test_bigquery_loads_from_and_exports_to_the_local_cloud_storage(started: Up) -> None:
    variables = started.variables

    out = json.loads(plain(EXCHANGE, variables["GOOGLE_CLOUD_PROJECT"], variables["DATASET"], variables=variables))

    assert sorted(out) == ["out/query-000000000000.csv", "out/table.csv"]
    assert {tuple(sorted(text.split())) for text in out.values()} == {("1", "2", "ad_id")}


def test_analyze_uses_the_pipeline_that_runs_on_the_folder(started: Up) -> None:
    before = started.statuses()

    (ad,) = pipelines.analyze(SAMPLES / "pflege-rabatt.jpg", data=started.data, variables=PROXIES)

    assert ad["status"] == "analysed"
    assert started.statuses().items() - before.items() == {(ad["ad_id"], "analysed")}


def test_nobody_else_reads_what_is_kept(started: Up, tmp_path: Path) -> None:
    pipelines.run("report", "--out", tmp_path / "page.html", data=started.data, variables=PROXIES)

    assert list(open_to_others(started.data)) == []


def open_to_others(folder: Path) -> Iterator[Path]:
    """What another user who may enter the folder can read there, or enter."""
    for path in folder.iterdir():
        if path.lstat().st_mode & 0o077:
            yield path
            if path.is_dir():
                yield from open_to_others(path)


needs_emulator = pytest.mark.skipif(
    not (shutil.which("java") and shutil.which("gcloud")), reason="Google's Pub/Sub emulator is not installed here"
)
FEW = tuple(SAMPLES / name for name in ("summer-sale-20.jpg", "summer-sale-20.webp", "media-plan.txt"))


@needs_emulator
@pytest.mark.long
def test_the_chain_runs_on_googles_own_pubsub_emulator(tmp_path: Path) -> None:
    ads = pipelines.analyze(*FEW, "--pubsub", "official", data=tmp_path)

    assert sorted(ad["status"] for ad in ads) == ["analysed", "duplicate", "failed"]


@needs_emulator
@pytest.mark.long
def test_an_emulator_that_the_user_runs_is_used_and_left_running(tmp_path: Path) -> None:
    (port,) = ports.held(1)
    emulator = serving.serve_official(tmp_path / "emulator", port)
    try:
        address = {"PUBSUB_EMULATOR_HOST": f"localhost:{port}"}
        ads = pipelines.analyze(*FEW, data=tmp_path / "data", variables=address)

        assert sorted(ad["status"] for ad in ads) == ["analysed", "duplicate", "failed"]
        assert not (tmp_path / "data" / "logs" / "pubsub.log").exists()
        assert processes.accepts_connections(port)
    finally:
        emulator.stop()


@pytest.mark.long
def test_an_emulator_that_does_not_answer_is_said(tmp_path: Path) -> None:
    (port,) = ports.held(1)
    address = {"PUBSUB_EMULATOR_HOST": f"localhost:{port}"}

    done = pipelines.run("analyze", *FEW, data=tmp_path, variables=address, expect=2)

    assert f"localhost:{port}" in done.stderr
    assert "unset the variable" in done.stderr
    assert "Traceback" not in done.stderr


OPEN_TO_ALL = "LocalNetworkAccessChecks,BlockInsecurePrivateNetworkRequests,PrivateNetworkAccessSendPreflights"

type Shell = Callable[..., str]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """The attacker's page."""
    with web_pages.attacking() as url:
        yield url


@pytest.fixture(scope="module")
def page(browser: Browser, site: str) -> Iterator[Page]:
    """The attacker's page, in a browser for which its name leads to this machine."""
    options = [f"--host-resolver-rules=MAP {web_pages.EVIL} 127.0.0.1", f"--disable-features={OPEN_TO_ALL}"]
    started = browser.browser_type.launch(executable_path=browsers.on_path(), args=[*installed.ARGUMENTS, *options])
    page = started.new_page()
    page.goto(site)
    yield page
    started.close()


@pytest.fixture(scope="module")
def attacked(started: Up) -> Path:
    """The folder of the pipeline, once its page is there."""
    pipelines.wait_for(lambda: "CREATIVES_PAGE_URL" in running.read_variables(started.data))
    return started.data


def kept(variables: Mapping[str, str]) -> tuple[set[str], list[str]]:
    """The files of the bucket and the ads of the dataset."""
    place = {"api_endpoint": variables["STORAGE_EMULATOR_HOST"]}
    files = storage.Client("local", AnonymousCredentials(), client_options=place)
    with closing(files), closing(pipelines.bigquery_client(variables)) as tables:
        names = {blob.name for blob in files.list_blobs(variables["CREATIVES_BUCKET"])}
        return names, sorted(row["ad_id"] for row in pipelines.enriched(tables, "ad_id"))


def test_a_page_gets_nothing_and_does_nothing(page: Page, site: str, attacked: Path, tmp_path: Path) -> None:
    variables = running.read_variables(attacked)
    tried = web_pages.attempts(variables, tmp_path / "owned")
    before = kept(variables)
    answered: list[Response] = []
    page.on("response", lambda response: answered.append(response))

    read = [page.evaluate(web_pages.FETCH, [*each]) for each in tried]
    page.evaluate(web_pages.FORM_POST, tried[1][0])
    page.wait_for_load_state()

    # Of the answers of our own page the browser tells nothing: they are for no other page.
    ours = variables["CREATIVES_PAGE_URL"]
    simple = {each[0].split("?")[0] for each in tried if each[4] == "no-cors" and not each[0].startswith(ours)}
    statuses = {each.url.split("?")[0].rstrip("/"): each.status for each in answered}
    assert {url.rstrip("/") for url in simple} <= statuses.keys()
    assert set(statuses.values()) == {403}
    assert set(read) == {""}
    assert list(tmp_path.iterdir()) == []
    assert kept(variables) == before
    assert not {name for name in before[0] if "owned" in name}
    assert not (attacked / "owned.png").exists()


def test_forged_requests_are_refused_by_every_server(attacked: Path) -> None:
    doors = {urlsplit(place).port or 0 for place in web_pages.places(attacked)}

    found = {(port, text): web_pages.spoken(port, text) for port in doors for text in web_pages.FORGED}

    assert len(doors) == 6
    assert {each: said for each, said in found.items() if said[-3:] not in (b"403", b"400")} == {}


def test_a_name_made_to_lead_here_leads_nowhere(page: Page, site: str, attacked: Path) -> None:
    doors = {urlsplit(place).port for place in web_pages.places(attacked)}

    found = {port: page.goto(f"http://{web_pages.EVIL}:{port}/storage/v1/b") for port in doors}

    assert len(doors) == 6
    assert {answer.status if answer else None for answer in found.values()} == {403}


needs_gcloud = pytest.mark.skipif(
    not shutil.which("gcloud"), reason="gcloud is not installed, and nothing here needs it"
)


@pytest.fixture
def shell(started: Up, tmp_path: Path) -> Shell:
    """Runs a program as a shell does that has read the environment file; gives what it prints."""
    env = {**os.environ, **running.read_variables(started.data), "CLOUDSDK_CONFIG": str(tmp_path)}

    def run(*command: str) -> str:
        return subprocess.run(command, env=env, cwd=tmp_path, capture_output=True, text=True, check=True).stdout

    return run


@needs_gcloud
@pytest.mark.long
def test_gcloud_works_unchanged_with_what_the_environment_file_gives(started: Up, tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    folder = f"gs://{started.variables['RESULTS_BUCKET']}"

    shell("gcloud", "storage", "cp", "mine.txt", f"{folder}/mine.txt", "--quiet")
    shell("gcloud", "storage", "mv", f"{folder}/mine.txt", f"{folder}/moved.txt", "--quiet")
    read = shell("gcloud", "storage", "cat", f"{folder}/moved.txt")
    shell("gcloud", "storage", "rm", f"{folder}/moved.txt", "--quiet")

    assert read == "mine"
    assert f"{folder}/" in shell("gcloud", "storage", "ls")
    assert ".txt" not in shell("gcloud", "storage", "ls", "--recursive", folder)


@needs_gcloud
@pytest.mark.long
def test_bq_works_unchanged_with_what_the_environment_file_gives(tmp_path: Path, shell: Shell) -> None:
    (tmp_path / "rows.csv").write_text("a,b\n1,x\n2,y\n")

    shell("bq", "load", "--autodetect", "creatives.mine", "rows.csv")
    read = shell("bq", "--format=csv", "query", "--use_legacy_sql=false", "SELECT b FROM creatives.mine ORDER BY a")
    shell("bq", "rm", "-f", "-t", "creatives.mine")

    assert read.split() == ["b", "x", "y"]
    assert "mine" not in shell("bq", "--format=csv", "ls", "creatives").split(",")
