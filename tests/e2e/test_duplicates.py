"""Copies and versions through the whole chain: each creative is paid for once, none is merged with another."""

import getpass
import io
import random
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from google.auth.credentials import AnonymousCredentials
from google.cloud import bigquery, storage
from PIL import Image

from local.pubsub import status
from shared import identity
from tests import gemini_model, pictures
from tests.e2e import campaign, pipelines
from tests.e2e.campaign import Ad, File
from tests.gemini_server import GeminiServer

pytestmark = pytest.mark.server

UPLOADERS = ("anna", "bert")
LIMIT_S = 600

TWENTY = Ad(1, (640, 360), 7, (30, 60, 90), "Run further", 20, 4950, "Shop now")
FIFTY = replace(TWENTY, percent=50)
SOAP = Ad(2, (640, 360), 5, (60, 90, 30), "Wash softer", 30, 790, "Buy now")


@dataclass(frozen=True)
class Size:
    """How large a campaign is; see `campaign.files`."""

    creatives: int
    versions: int
    copies: int


SMALL = Size(8, 4, 14)  # each template twice, each kind of version once, each kind of copy twice
LARGE = Size(50, 25, 125)


@dataclass(frozen=True)
class Chain:
    """A running pipeline whose model is asked over HTTP.

    Attributes:
        data: its folder.
        gemini: who is asked, and keeps the ledger.
    """

    data: Path
    variables: Mapping[str, str]
    gemini: GeminiServer
    bucket: storage.Bucket
    tables: bigquery.Client

    def upload(self, uploader: str, files: Sequence[File]) -> None:
        """Uploads files under a folder of the uploader's own."""
        for file in files:
            self.bucket.blob(f"{uploader}/{file.name}").upload_from_string(file.content)

    def settle(self) -> None:
        """Waits until no message is under way."""
        status.wait_until_idle(self.variables["PUBSUB_STATUS_URL"], limit_s=LIMIT_S)

    def query(self, sql: str) -> list[dict[str, Any]]:
        """The rows of a query on the dataset."""
        config = bigquery.QueryJobConfig(default_dataset=f"{self.tables.project}.{self.variables['DATASET']}")
        return [dict(row.items()) for row in self.tables.query_and_wait(sql, job_config=config)]


@contextmanager
def running(data: Path) -> Iterator[Chain]:
    with GeminiServer() as gemini:
        asked = {"GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": gemini.url}
        with pipelines.up(data, "--extractor", "gemini", variables=asked) as variables:
            project, nobody = variables["GOOGLE_CLOUD_PROJECT"], AnonymousCredentials()
            objects = storage.Client(
                project, nobody, client_options={"api_endpoint": variables["STORAGE_EMULATOR_HOST"]}
            )
            tables = bigquery.Client(
                project, nobody, client_options={"api_endpoint": variables["BIGQUERY_EMULATOR_HOST"]}
            )
            yield Chain(data, variables, gemini, objects.bucket(variables["CREATIVES_BUCKET"]), tables)
            objects.close()
            tables.close()


def upload_at_once(chain: Chain, files: Sequence[File], seed: int) -> None:
    """Every uploader uploads all files, in an order of its own, at the same time as the others."""
    with ThreadPoolExecutor(len(UPLOADERS)) as threads:
        orders = [random.Random(f"{seed} {name}").sample(files, len(files)) for name in UPLOADERS]
        list(threads.map(chain.upload, UPLOADERS, orders))


def groups(ads: Sequence[Mapping[str, Any]]) -> set[frozenset[str]]:
    """Names of the files that share a canonical."""
    found: dict[str, set[str]] = defaultdict(set)
    for ad in ads:
        found[ad["canonical_id"]].add(Path(ad["source"]).name)
    return {frozenset(names) for names in found.values()}


def drawn_groups(files: Sequence[File]) -> set[frozenset[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for file in files:
        found[file.creative].add(file.name)
    return {frozenset(names) for names in found.values()}


@pytest.mark.timeout(900)
@pytest.mark.parametrize("size", [SMALL, pytest.param(LARGE, marks=pytest.mark.long)], ids=["small", "large"])
def test_every_creative_is_paid_for_once_and_every_file_is_in_its_group(tmp_path: Path, seed: int, size: Size) -> None:
    files = campaign.files(seed, creatives=size.creatives, versions=size.versions, copies=size.copies)
    with running(tmp_path) as chain:
        chain.gemini.answer = gemini_model.answer_without_quotations
        upload_at_once(chain, files, seed)
        chain.settle()

        ads = chain.query("SELECT source, status, canonical_id, family_id FROM ads_enriched")
        assert len(ads) == len(files) * len(UPLOADERS)
        assert {ad["status"] for ad in ads} == {"analysed", "duplicate"}
        assert groups(ads) == drawn_groups(files)
        assert_versions_are_of_the_family(ads, files)
        assert_each_paid_once(chain, size.creatives + size.versions)


def assert_versions_are_of_the_family(ads: Sequence[Mapping[str, Any]], files: Sequence[File]) -> None:
    creative_of = {file.name: file.creative for file in files}
    family_of = {creative_of[Path(ad["source"]).name]: ad["family_id"] for ad in ads}
    parents = {file.creative: file.version_of for file in files if file.version_of}
    assert {name: family_of[name] for name in parents} == {name: family_of[of] for name, of in parents.items()}


TAKEN_OVER = """
SELECT COUNT(DISTINCT former.creative_id) AS creatives
FROM matches AS former
JOIN extractions AS asked ON asked.creative_id = former.creative_id
JOIN fingerprints AS own ON own.creative_id = former.creative_id
JOIN fingerprints AS better ON better.creative_id = former.canonical_id
WHERE former.match = 'duplicate' AND former.revised_for IS NOT NULL
  AND better.width * better.height * POW(COALESCE(better.detail_scale, 1), 2) - COALESCE(better.lost, 0)
    > own.width * own.height * POW(COALESCE(own.detail_scale, 1), 2) - COALESCE(own.lost, 0)
"""


def assert_each_paid_once(chain: Chain, count: int) -> None:
    """By the model's own ledger, and by the rows of the requests and of the answers.

    Once more is paid where a copy that shows more, or lost less, came after another, and took its place.
    """
    (row,) = chain.query(TAKEN_OVER)
    count += row["creatives"]
    assert len(chain.gemini.ledger) == len({paid.content_hash for paid in chain.gemini.ledger}) == count
    for table in ("extractions", "features"):
        (row,) = chain.query(f"SELECT COUNT(DISTINCT creative_id) AS creatives FROM {table}")
        assert row["creatives"] == count, table


def cropped(picture: Image.Image) -> Image.Image:
    return picture.crop((6, 4, picture.width - 6, picture.height - 4))


def file_of(picture: Image.Image, name: str, pillow_format: str, **options: int) -> File:
    return File(name, pictures.encode(picture, pillow_format, **options), name, None)


class Corrected:
    """Files that are uploaded one after the other, and what people then see of them."""

    def __init__(self, chain: Chain) -> None:
        self.chain = chain
        self.ids: dict[str, str] = {}
        self._paid_before = len(chain.gemini.ledger)

    def upload(self, file: File) -> None:
        self.chain.upload("anna", [file])
        self.chain.settle()
        self.ids[file.name] = identity.creative_id(file.content)

    def correct(self, action: str, *names: str) -> None:
        """What a person does: one command, and nothing more."""
        pipelines.run(action, *(self.ids[name] for name in names), data=self.chain.data)
        self.chain.settle()

    def canonicals(self) -> dict[str, str]:
        """Each file's canonical, by name, and that each has features."""
        names = {creative_id: name for name, creative_id in self.ids.items()}
        rows = self.chain.query("SELECT creative_id, canonical_id, status FROM creatives")
        own = [row for row in rows if row["creative_id"] in names]
        assert {row["status"] for row in own} <= {"analysed", "duplicate"}
        return {names[row["creative_id"]]: names[row["canonical_id"]] for row in own}

    @property
    def paid(self) -> int:
        return len(self.chain.gemini.ledger) - self._paid_before


@pytest.fixture(scope="module")
def chain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chain]:
    with running(tmp_path_factory.mktemp("corrections")) as found:
        yield found


@pytest.mark.long
def test_a_split_copy_is_analysed_and_joined_by_its_own_copies_until_it_is_reset(chain: Chain) -> None:
    picture, seen = campaign.draw(replace(TWENTY, percent=35)), Corrected(chain)
    seen.upload(file_of(picture, "whole.png", "PNG"))
    split = file_of(cropped(picture), "cropped.jpg", "JPEG", quality=90)
    seen.upload(split)
    assert seen.canonicals() == {"whole.png": "whole.png", "cropped.jpg": "whole.png"}
    assert seen.paid == 1

    seen.correct("split", "cropped.jpg")
    assert seen.canonicals() == {"whole.png": "whole.png", "cropped.jpg": "cropped.jpg"}
    assert seen.paid == 2

    # Of its file: what is made of the picture anew, or keeps more of it, is as near to the whole one.
    seen.upload(file_of(Image.open(io.BytesIO(split.content)), "later.jpg", "JPEG", quality=80))
    assert seen.canonicals()["later.jpg"] == "cropped.jpg"

    seen.correct("reset", "cropped.jpg")
    assert seen.canonicals() == dict.fromkeys(seen.ids, "whole.png")
    assert seen.paid == 2


@pytest.mark.long  # the gate holds it of `dedup` alone
def test_copies_of_a_merged_version_are_not_paid_for_and_are_its_own_again_after_a_reset(chain: Chain) -> None:
    version, seen = campaign.draw(FIFTY), Corrected(chain)
    seen.upload(file_of(campaign.draw(TWENTY), "20.png", "PNG"))
    seen.upload(file_of(version, "50.png", "PNG"))
    assert seen.canonicals() == {"20.png": "20.png", "50.png": "50.png"}

    seen.correct("merge", "50.png", "20.png")
    seen.upload(file_of(version, "50-copy.webp", "WEBP", quality=80))
    assert seen.canonicals() == dict.fromkeys(seen.ids, "20.png")
    assert seen.paid == 2
    (group,) = chain.query(f"SELECT * FROM duplicates WHERE canonical_id = '{seen.ids['20.png']}'")
    assert (group["n_creatives"], group["saved_usd"]) == (3, group["cost_usd"])

    seen.correct("reset", "50.png")
    assert seen.canonicals() == {"20.png": "20.png", "50.png": "50.png", "50-copy.webp": "50.png"}
    assert seen.paid == 2


@pytest.mark.long
def test_what_people_say_is_shown_for_every_copy_until_it_is_taken_back(chain: Chain) -> None:
    picture, seen = campaign.draw(SOAP), Corrected(chain)
    seen.upload(file_of(picture.resize((480, 270)), "small.jpg", "JPEG", quality=90))
    (small,) = seen.ids.values()

    refused = pipelines.run("correct", small, "style=foto", "price=1", "price=2", "heel=1", data=chain.data, expect=2)
    pipelines.run("correct", small, "price=3.5", "brand=", "--note", "by eye", data=chain.data)
    pipelines.run("tag", small, " Summer", "old", "--note", "ask the agency", data=chain.data)
    seen.upload(file_of(picture, "large.png", "PNG"))

    said = " ".join(refused.stderr.split())
    assert "style: 'foto' cannot stand there: it should be 'photo'" in said
    assert "price: it is said twice" in said
    assert "heel: an image has no such feature" in said
    assert "--taxonomy FILE" in said
    shown = prices(chain, seen)
    assert [row["price"] for row in shown] == [3.5, 3.5]
    assert {(row["brand"], row["field"], row["author"]) for row in shown} == {(None, "brand", getpass.getuser())}
    own = {row["own"] for row in shown}
    assert 3.5 not in own

    key = {"GEMINI_API_KEY": "key", "GOOGLE_GEMINI_BASE_URL": chain.gemini.url}
    judged = pipelines.run(
        "evaluate", "--corrections", "--gate", "--extractor", "gemini", data=chain.data, variables=key
    )
    assert re.search(r"price\W+0%\W+1\b", judged.stdout)
    assert re.search(r"price\W+0\W+0\W+0\W+1\.000", judged.stdout.partition("beside the answers")[2])
    assert "gate: passed" in judged.stderr

    pipelines.run("tag", seen.ids["large.png"], "--remove", "Old", data=chain.data)
    again = pipelines.run("correct", small, "price=3.50", "brand=Soap", data=chain.data).stderr
    assert "price: 3.5, as it says already: that is confirmed" in " ".join(again.split())
    assert "brand: Soap\n" in again
    itself = pipelines.run("merge", small, small, data=chain.data, expect=2).stderr
    assert "a creative cannot be merged with itself" in " ".join(itself.split())
    circle = pipelines.run("merge", seen.ids["large.png"], small, data=chain.data, expect=2).stderr
    assert f"`creatives split {small}`" in " ".join(circle.split())
    missed = pipelines.run("tag", small, "--remove", "winter", data=chain.data, expect=2).stderr
    assert "winter: it has no such tag" in missed
    wrong = pipelines.run("reset", small, "pirce", data=chain.data, expect=2).stderr
    assert "pirce: there is no such feature; corrected are brand, price" in " ".join(wrong.split())
    done = pipelines.run("reset", seen.ids["large.png"], "price", "style", data=chain.data).stderr
    assert "of which no correction is known" in " ".join(done.partition("reset: style")[2].split())
    chain.settle()
    assert {row["price"] for row in prices(chain, seen)} == own
    labels = pipelines.run("tag", small, data=chain.data).stdout
    assert re.fullmatch(rf"summer\n“ask the agency” {getpass.getuser()}, \d{{4}}-\d\d-\d\d\n", labels)


def prices(chain: Chain, seen: Corrected) -> list[dict[str, Any]]:
    ids = ", ".join(f"'{each}'" for each in seen.ids.values())
    word = "corrections[SAFE_OFFSET(0)]"
    columns = (
        f"features.price, features.brand, model_features.price AS own, {word}.field AS field, {word}.author AS author"
    )
    return chain.query(f"SELECT {columns} FROM ads_enriched WHERE creative_id IN ({ids})")
