"""Shared links and signed addresses, in the forms in which sites and clouds hand them out."""

import base64
import json
from datetime import UTC, datetime
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from functions.fetch.sharing import expired_at, file_behind
from shared.urls import web_url

FILE = "1AbCdEfGhIjKlMnOpQrStUvWxYz"
ENDS = datetime(2020, 9, 13, 12, 26, 40, tzinfo=UTC)
SECONDS = 1_600_000_000


@pytest.mark.parametrize(
    "link",
    [
        "drive.google.com/open?usp=sharing&id={}",
        "drive.google.com/uc?export=view&id={}",
        "drive.google.com/u/0/uc?id={}&export=download",
        "drive.google.com/u/1/open?id={}",
        "drive.google.com/file/u/1/d/{}/view?usp=drive_link",
        "drive.google.com/a/brand.example/file/d/{}/preview",
        "drive.usercontent.google.com/uc?id={}",
        "docs.google.com/uc?export=download&id={}",
    ],
)
def test_a_link_of_google_drive_leads_to_its_file(link: str) -> None:
    found = file_behind(web_url("https://" + link.format(FILE)))

    assert (found.host, found.target.split("&")[0]) == ("drive.usercontent.google.com", f"/download?id={FILE}")
    assert file_behind(found) == found


@pytest.mark.parametrize("path", ["drive/folders/{}", "drive/u/0/folders/{}", "document/d/{}/edit", "drive/my-drive"])
def test_what_is_no_file_in_google_drive_stays_as_it_is(path: str) -> None:
    url = web_url("https://drive.google.com/" + path.format(FILE))

    assert file_behind(url) == url


def policy() -> str:
    """As CloudFront's documentation has a custom policy encoded."""
    condition = {"DateLessThan": {"AWS:EpochTime": SECONDS}, "IpAddress": {"AWS:SourceIp": "0.0.0.0/0"}}
    said = json.dumps({"Statement": [{"Resource": "https://d.example/*?>", "Condition": condition}]})
    return base64.b64encode(said.encode()).decode().translate(str.maketrans("+=/", "-_~"))


@pytest.mark.parametrize(
    "url",
    [
        "b.s3.amazonaws.com/x.png?AWSAccessKeyId=A&Expires=1600000000&Signature=s",
        "b.s3.amazonaws.com/x.png?X-Amz-Date=20200913T112640Z&X-Amz-Expires=3600&X-Amz-Signature=s",
        "storage.googleapis.com/b/x.png?GoogleAccessId=a&Expires=1600000000&Signature=s",
        "storage.googleapis.com/b/x.png?X-Goog-Date=20200913T112640Z&X-Goog-Expires=3600",
        "x.blob.core.windows.net/c/x.png?sv=2020&se=2020-09-13T12%3A26%3A40Z&sig=x",
        "x.blob.core.windows.net/c/x.png?sv=2020&se=2020-09-13T12%3A26%3A40.0000000Z&sig=x",
        "d.cloudfront.net/x.png?Expires=1600000000&Signature=s&Key-Pair-Id=K",
        f"d.cloudfront.net/x.png?Policy={policy()}&Signature=s&Key-Pair-Id=K",
        "a.akamaized.net/x.mp4?hdnts=exp=1600000000~acl=/*~hmac=ab",
        "a.akamaized.net/x.mp4?hdnea=st=1500000000~exp=1600000000~acl=/*~hmac=ab",
        "a.akamaized.net/exp=1600000000~acl=%2F*~hmac=ab/x.mp4",
        "scontent.fbcdn.net/x.jpg?oh=a&oe=5F5E1000",
        "p16.tiktokcdn.com/x.jpeg?x-expires=1600000000&x-signature=a",
        "media.licdn.com/x?e=1600000000&v=beta&t=x",
        "cdn.discordapp.com/attachments/1/2/x.png?ex=5f5e1000&is=5f5d0000&hm=a",
        "oss.aliyuncs.com/x.png?x-oss-date=20200913T112640Z&x-oss-expires=3600&x-oss-signature=x",
        "b.cos.myqcloud.com/x.png?q-sign-algorithm=sha1&q-sign-time=1500000000;1600000000&q-signature=x",
        "b.cos.myqcloud.com/x.png?q-sign-time=1500000000%3B1600000000&q-signature=x",
    ],
)
def test_a_signed_address_says_when_it_ends(url: str) -> None:
    assert expired_at(web_url(f"https://{url}")) == ENDS


@pytest.mark.parametrize(
    ("se", "ends"), [("2020-09-13", datetime(2020, 9, 13, tzinfo=UTC)), ("2020-09-13T12:26Z", ENDS.replace(second=0))]
)
def test_azure_may_leave_out_what_is_less_than_a_minute_or_a_day(se: str, ends: datetime) -> None:
    assert expired_at(web_url(f"https://x.blob.core.windows.net/c/x.png?se={se}&sig=x")) == ends


@given(
    st.text(max_size=200), st.sampled_from(["se", "oe", "Expires", "X-Amz-Date", "Policy", "q-sign-time", "hdnts", "e"])
)
def test_whatever_a_signature_says_it_ends_some_time_or_never(said: str, name: str) -> None:
    ends = expired_at(web_url(f"https://media.licdn.com/x?{name}={quote(said)}"))

    assert ends is None or ends.tzinfo is UTC


def test_a_signature_of_the_last_of_all_years_is_one() -> None:
    ends = expired_at(web_url("https://b.example/x.png?X-Amz-Date=99991231T235959Z&X-Amz-Expires=99999999"))

    assert ends is not None
    assert ends > datetime(9990, 1, 1, tzinfo=UTC)


@pytest.mark.parametrize("host", ["drive.google.com", "www.dropbox.com", "brand.sharepoint.com", "cdn.example"])
@pytest.mark.parametrize("path", ["//]", "//[/x", "//other.example/s/x", "/:x//["])
def test_two_slashes_in_a_path_are_no_host(host: str, path: str) -> None:
    url = web_url(f"https://{host}{path}?se=2020-09-13")

    assert file_behind(url).path == path
    assert expired_at(url) == datetime(2020, 9, 13, tzinfo=UTC)
