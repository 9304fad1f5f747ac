"""URLs: one canonical form for those accepted, a reason for the others, and nothing secret in what is shown."""

import ipaddress
import string
from contextlib import nullcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shared import urls
from shared.addresses import is_public
from shared.reasons import Reason, Rejected

CANONICAL = {
    "https://cdn.example/a.png": "https://cdn.example/a.png",
    "  HTTPS://CDN.Example:443/a.png#top ": "https://cdn.example/a.png",
    "http://cdn.example": "http://cdn.example/",
    "http://cdn.example:8080?x=1": "http://cdn.example:8080/?x=1",
    "https://cdn.example./a.png": "https://cdn.example/a.png",
    "https://my_bucket.cdn.example/my image.png?q=a b": "https://my_bucket.cdn.example/my%20image.png?q=a%20b",
    "https://cdn.example/%C3%BC/50%25.png": "https://cdn.example/%C3%BC/50%25.png",
    "https://bücher.example/ü.png": "https://xn--bcher-kva.example/%C3%BC.png",
    "https://faß.example/": "https://xn--fa-hia.example/",
    "http://[2606:4700:4700:0:0:0:0:1111]/": "http://[2606:4700:4700::1111]/",
    "http://8.8.8.8/": "http://8.8.8.8/",
}


@pytest.mark.parametrize("url", CANONICAL)
def test_an_accepted_url_has_one_form(url: str) -> None:
    form = str(urls.web_url(url))

    assert form == CANONICAL[url]
    assert str(urls.web_url(form)) == form


@given(st.text(max_size=60), st.sampled_from(["http://", "https://", "", "http://127.0.0.1", "http://[", "//"]))
@example("", "http://０x7f.1/")
def test_whatever_is_accepted_is_ascii_complete_and_stays_the_same(text: str, start: str) -> None:
    try:
        url = urls.web_url(start + text)
    except Rejected:
        return

    assert str(url).isascii()
    assert str(url).isprintable()
    assert " " not in str(url)
    assert urls.web_url(str(url)) == url
    assert url.port in urls.PORTS[url.scheme]


@given(st.ip_addresses(v=4).filter(lambda address: not is_public(address)), st.data())
def test_no_spelling_of_an_internal_address_is_accepted(address: ipaddress.IPv4Address, data: st.DataObject) -> None:
    parts = address.packed
    spelled = data.draw(
        st.sampled_from(
            [
                str(address),
                str(int(address)),
                hex(int(address)),
                ".".join(f"0{part:o}" for part in parts),
                ".".join(hex(part) for part in parts),
                f"{parts[0]}.{int(address) & 0xFFFFFF}",
                str(address).translate(str.maketrans(string.digits, "０１２３４５６７８９")),
                str(address).replace(".", "。"),
                f"{address}.",
                f"[::ffff:{address}]",
                f"[64:ff9b::{address}]",
                f"[::{address}]",
            ]
        )
    )

    with pytest.raises(Rejected) as refused:
        urls.web_url(f"http://{spelled}/")

    assert refused.value.reason is Reason.FORBIDDEN_URL


def test_an_allowed_host_is_allowed_on_its_port_only() -> None:
    allow = {urls.host_port("localhost:8001"), urls.host_port("[::1]:8001")}

    assert str(urls.web_url("http://LOCALHOST:8001/a.png", allow)) == "http://localhost:8001/a.png"
    assert str(urls.web_url("http://[::1]:8001/a.png", allow)) == "http://[::1]:8001/a.png"
    for url in ("http://localhost:8002/a.png", "http://localhost/a.png", "http://127.0.0.1:8001/a.png"):
        with pytest.raises(Rejected):
            urls.web_url(url, allow)


@pytest.mark.parametrize("entry", ["", "localhost", ":80", "localhost:0", "localhost:65536", "localhost:http"])
def test_an_allow_list_entry_names_host_and_port(entry: str) -> None:
    with pytest.raises(ValueError, match="host:port"):
        urls.host_port(entry)


@pytest.mark.parametrize("url", ["https://cdn.example/a.png", "gs://bucket/a.png", "data:image/png;base64,AAAA"])
def test_senders_may_check_a_url_before_they_send_it(url: str) -> None:
    urls.check(url)


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("cdn.example/a.png", Reason.INVALID_URL),
        ("ftp://cdn.example/a.png", Reason.FORBIDDEN_URL),
        ("http://10.0.0.1/a.png", Reason.FORBIDDEN_URL),
        ("", Reason.INVALID_URL),
    ],
)
def test_senders_learn_what_would_be_refused(url: str, reason: Reason) -> None:
    with pytest.raises(Rejected) as refused:
        urls.check(url)

    assert refused.value.reason is reason


SHOWN = {
    "https://cdn.example/a.png?w=300&fmt=webp": "https://cdn.example/a.png?w=300&fmt=webp",
    "https://me:hunter2@cdn.example/a.png": "https://cdn.example/a.png",
    "https://s.example/a.png?X-Goog-Signature=abc&X-Goog-Date=1": "https://s.example/a.png?X-Goog-Signature=…&X-Goog-Date=…",
    "https://fb.example/v.mp4?oh=00_AfB&oe=66F0": "https://fb.example/v.mp4?oh=…&oe=…",
    "https://cdn.example/a.png?id=eyJhbGciOiJIUzI1NiIsInR5cCI6": "https://cdn.example/a.png?id=…",
    "https://cdn.example/a.png#access_token=abc": "https://cdn.example/a.png",
    "data:image/png;base64,iVBORw0KGgo=": "data:image/png;base64,… (34 characters)",
    "gs://bucket/a.png": "gs://bucket/a.png",
    "cdn.example/a.png": "cdn.example/a.png",
    "//cdn.example/a.png": "//cdn.example/a.png",
    "http://a\r\nSet-Cookie: x/": "http://aSet-Cookie: x/",
    "http://[::1": "http:… (unreadable)",
    "user:hunter2@cdn.example/a.png": "user:cdn.example/a.png",
    "https:/user:hunter2@cdn.example/a.png": "https:cdn.example/a.png",
    "https://cdn.example/a.png?eyJhbGciOiJIUzI1NiIsInR5cCI6": "https://cdn.example/a.png?…=",
    "https://cdn.example/a.png?download": "https://cdn.example/a.png?download=",
}


@pytest.mark.parametrize("url", SHOWN)
def test_a_url_is_shown_without_its_secrets(url: str) -> None:
    assert urls.redacted(url) == SHOWN[url]


@given(st.text(), st.sampled_from(["", "https://", "https://user:", "data:", "https://x.example/?token="]))
def test_whatever_is_shown_is_short_and_printable_on_a_line(text: str, start: str) -> None:
    shown = urls.redacted(start + text * 20)

    assert len(shown) <= 400
    assert "\n" not in shown


@given(st.text(string.ascii_letters + string.digits, min_size=8, max_size=80))
def test_a_secret_is_never_shown(secret: str) -> None:
    shown = [
        urls.redacted(f"https://user:{secret}@cdn.example/"),
        urls.redacted(f"https://cdn.example/?sig={secret}"),
        urls.redacted(f"https://cdn.example/?a=1&Access-Token={secret}&b=2"),
        urls.redacted(f"https://cdn.example/#{secret}"),
        urls.redacted(f"https:{secret}@cdn.example/"),
        urls.redacted(f"//user:{secret}@cdn.example/"),
        urls.redacted(f"data:image/png;base64,{secret}"),
    ]

    assert not any(secret in text for text in shown)


@pytest.mark.parametrize(
    ("location", "target"),
    [
        ("/b.png?x=1", "https://cdn.example/b.png?x=1"),
        (" b.png ", "https://cdn.example/a/b.png"),
        ("//other.example/b.png", "https://other.example/b.png"),
        ("http://other.example/b.png", "http://other.example/b.png"),
    ],
)
def test_a_redirect_leads_where_it_says(location: str, target: str) -> None:
    assert str(urls.redirected(urls.web_url("https://cdn.example/a/a.png"), location)) == target


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("data:image/png;base64,AA", "https://cdn.example/a/a.png redirects to a data: URL"),
        ("ftp://other.example/b.png", "URLs of the scheme ftp: are not opened"),
        ("file:///etc/passwd", "URLs of the scheme file: are not opened"),
    ],
)
def test_a_redirect_leaves_the_web_for_nothing(location: str, said: str) -> None:
    with pytest.raises(Rejected, match=said) as refused:
        urls.redirected(urls.web_url("https://cdn.example/a/a.png"), location)

    assert refused.value.reason is Reason.FORBIDDEN_URL


UNREADABLE = ("http://[::1", "//]", "//a℀b.example/", "https://[a.example]/", "https://a:99999/")


@pytest.mark.parametrize("location", UNREADABLE)
def test_a_redirect_to_what_is_no_url_is_refused(location: str) -> None:
    with pytest.raises(Rejected, match="cannot be read as a URL") as refused:
        urls.redirected(urls.web_url("https://cdn.example/a/a.png"), location)

    assert refused.value.reason is Reason.INVALID_URL


@given(
    st.lists(st.sampled_from([*UNREADABLE, "http:", "//", "/", "@", ":", "%zz", "\\", "\0", "\udc80", "é"]) | st.text())
)
def test_whatever_a_redirect_says_leads_to_a_url_or_is_refused(said: list[str]) -> None:
    start = urls.web_url("https://cdn.example/a/a.png")

    try:
        found = urls.redirected(start, "".join(said))
    except Rejected:
        return

    assert urls.web_url(str(found)) == found


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("https://a.example/x.png", True),
        ("HTTP:/a.example", True),
        ("gs://bucket/x.png", True),
        ("data:image/png;base64,AA==", True),
        ("data:,x", True),
        ("//cdn.example/x.png", True),
        ("www.shop.example/x.png", True),
        ("shop.example/x.png", False),
        ("ftp://a.example/x.png", False),
        ("// a comment.", False),
        ("www. x.y", False),
        ("see https://a.example", False),
        ("", False),
    ],
)
def test_an_address_is_told_from_other_text(text: str, *, meant: bool) -> None:
    assert urls.looks_like_url(text) is meant


@pytest.mark.parametrize(
    ("pasted", "address"),
    [
        ('  "https://a.example/x.png" ', "https://a.example/x.png"),
        ("<https://a.example/x.png>", "https://a.example/x.png"),
        ("\u200bhttps://a.exa\u200bmple/x.png\ufeff", "https://a.example/x.png"),
        ("HTTPS:/a.example/x.png", "https://a.example/x.png"),
        ("http:\\\\a.example\\x.png", "http://a.example/x.png"),
        ("https://a.example/x\\y?z=\\d#\\e", "https://a.example/x/y?z=\\d#\\e"),
        ("https://a.example/x?y=1?z=\\", "https://a.example/x?y=1?z=\\"),
        ("https://b.example\\@a.example/x.png", "https://b.example\\@a.example/x.png"),
        ("https://a.example/x?a=1&amp;b=2", "https://a.example/x?a=1&b=2"),
        ("//a.example/x.png", "https://a.example/x.png"),
        ("www.a.example/x.png", "https://www.a.example/x.png"),
        ("a.example/x.png", "a.example/x.png"),
        ("gs://bucket/a&amp;b.png", "gs://bucket/a&amp;b.png"),
        ("DATA:text/plain,a&amp;b", "DATA:text/plain,a&amp;b"),
    ],
)
def test_an_address_is_taken_as_browsers_take_it(pasted: str, address: str) -> None:
    assert urls.repaired(pasted) == address
    assert urls.repaired(address) == address


@pytest.mark.parametrize("port", [80, 8080, 443, 8443])
def test_the_web_s_own_ports_are_opened_each_for_its_scheme(port: int) -> None:
    scheme, other = ("http", "https") if port in (80, 8080) else ("https", "http")

    assert urls.web_url(f"{scheme}://a.example:{port}/").port == port
    with pytest.raises(Rejected, match=f"port {port} of a.example is not opened for {other}"):
        urls.web_url(f"{other}://a.example:{port}/")


@pytest.mark.parametrize("beyond", [0, 1])
def test_an_address_has_a_longest_length(beyond: int) -> None:
    url = "https://a.example/".ljust(urls.MAX_URL_CHARS + beyond, "x")

    with pytest.raises(Rejected, match="8,193 characters, the limit is 8,192") if beyond else nullcontext():
        urls.web_url(url)


@pytest.mark.parametrize("url", ["a b://x.example/", "1x://x.example/", ":x", "//x.example/", "x.example"])
def test_what_has_no_scheme_is_told_of_as_that(url: str) -> None:
    with pytest.raises(Rejected, match="has no scheme") as refused:
        urls.scheme_of(url)

    assert refused.value.reason is Reason.INVALID_URL


@pytest.mark.parametrize("url", ["https://a.exa\tmple/", "gs://bucket/x", "https:///x", "https://a.example:0/"])
def test_what_is_no_complete_web_address_is_refused(url: str) -> None:
    with pytest.raises(Rejected, match="is not a complete web address"):
        urls.web_url(url)


@pytest.mark.parametrize(
    ("value", "told"),
    [
        ("ftp://a", True),
        (" DATA:,x", True),
        ("data", False),
        ("a.example/x", False),
        (b"http://a", False),
        (None, False),
    ],
)
def test_what_may_hold_a_secret_is_told(value: object, *, told: bool) -> None:
    assert urls.is_url(value) is told


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        (f"https://a.example/{'x' * 60}/y", f"https://a.example/{'x' * 60}/y"),
        (f"https://a.example/{'x' * 61}/y", f"https://a.example/{'x' * 59}…/y"),
        (f"https://{'a' * 60}.{'b' * 39}/", f"https://{'a' * 60}.{'b' * 39}/"),
        (f"https://{'a' * 60}.{'b' * 40}/", f"https://{'a' * 60}.{'b' * 38}…/"),
        (f"https://a.example/?{'n' * 40}=1", f"https://a.example/?{'n' * 40}=1"),
        (f"https://a.example/?{'n' * 41}=1", f"https://a.example/?{'n' * 39}…=1"),
        (f"https://a.example/{'x/' * 141}", f"https://a.example/{'x/' * 141}"),
        (f"https://a.example/{'x/' * 142}", f"https://a.example/{'x/' * 140}x…"),
        (f"https://a.example/?{'a=1&' * 512}b=1", f"https://a.example/?{'a=1&' * 70}…"),
        ("abcdefghijkl://[x", "abcdefghij:… (unreadable)"),
        (f"data:{'x' * 61},abc", f"data:{'x' * 60},… (70 characters)"),
    ],
)
def test_what_is_long_is_cut_where_it_is_shown(url: str, shown: str) -> None:
    assert urls.redacted(url) == shown


def test_a_long_scheme_and_host_are_cut_where_they_are_refused() -> None:
    with pytest.raises(Rejected, match=f"of the scheme {'s' * 20}: are not opened"):
        urls.scheme_of(f"{'S' * 21}://x")
    with pytest.raises(Rejected, match=f"port 81 of {'a' * 60}.{'b' * 38}… is not opened"):
        urls.web_url(f"https://{'a' * 60}.{'b' * 60}:81/")


@pytest.mark.parametrize("host", ["cdn", "cdn.local", "a.b.internal", "x.home.arpa"])
def test_a_name_of_an_internal_network_is_refused(host: str) -> None:
    with pytest.raises(Rejected, match=f"{host} is a name of an internal network"):
        urls.web_url(f"https://{host}/x.png")


@pytest.mark.parametrize("beyond", [0, 1])
def test_a_host_has_a_longest_name(beyond: int) -> None:
    host = ".".join(["a" * 62] * 4) + "." + "b" * (1 + beyond)

    with pytest.raises(Rejected, match="has no valid host name") if beyond else nullcontext():
        urls.web_url(f"https://{host}/")


@pytest.mark.parametrize("port", [1, 65535])
def test_an_allow_list_takes_every_port(port: int) -> None:
    assert urls.host_port(f"Cdn.Example:{port}") == ("cdn.example", port)


def test_what_nobody_sees_around_an_address_is_left_out_and_no_sign_is() -> None:
    marks = "\u200b\u200c\u200d\u200e\u200f\u202a\u202e\u2060\u2069\ufeff\xad"
    spaces = " \t\r\n\x0b\x0c\x85\xa0\u1680\u2000\u200a\u2028\u2029\u202f\u205f\u3000"

    assert {*marks, *spaces} <= {*urls.UNSEEN}
    assert not any(sign.isprintable() and not sign.isspace() for sign in urls.UNSEEN)
