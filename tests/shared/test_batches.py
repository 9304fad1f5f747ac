"""Batches in every accepted shape, and in shapes nobody meant."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from shared import batches
from shared.batches import Item, Malformed
from shared.columns import Choice
from shared.events import Origin
from shared.reasons import Reason, Rejected

A1 = {"ad_id": "a1", "url": "https://x.test/1.png"}
A2 = {"ad_id": "a2", "url": "https://x.test/2.png"}


def items(data: str | bytes, **attributes: str) -> list[Item | Malformed]:
    return list(batches.parse(data.encode() if isinstance(data, str) else data, attributes).items())


def ads(data: str | bytes) -> list[tuple[str, str]]:
    return [(item.ad_id, item.url) for item in items(data) if isinstance(item, Item)]


@pytest.mark.parametrize(
    "data",
    [
        json.dumps({"batch_id": "b", "items": [A1, A2]}),
        json.dumps([A1, A2]),
        f"{json.dumps(A1)}\n{json.dumps(A2)}\n",
        f"\ufeff{json.dumps(A1)}\r\n\r\n{json.dumps(A2)}",
        json.dumps({"items": [A1, A2, A1]}),
    ],
)
def test_every_shape_of_two_ads_is_those_two_ads(data: str) -> None:
    assert ads(data) == [("a1", "https://x.test/1.png"), ("a2", "https://x.test/2.png")]


@pytest.mark.parametrize(
    "data",
    [
        '["https://x.test/1.png", "gs://b/2.png"]',
        "https://x.test/1.png\ngs://b/2.png\n",
        '"https://x.test/1.png"\n"gs://b/2.png"',
        '{"items": ["https://x.test/1.png", "gs://b/2.png"]}',
    ],
)
def test_bare_urls_name_their_ads(data: str) -> None:
    assert ads(data) == [("https://x.test/1.png", "https://x.test/1.png"), ("gs://b/2.png", "gs://b/2.png")]


def test_a_bare_url_too_long_for_a_name_is_named_by_its_digest() -> None:
    longest = "https://x.test/" + "A" * (512 - len("https://x.test/"))

    assert ads(longest) == [(longest, longest)]
    [(ad_id, url)] = ads(longest + "A")
    assert ad_id.startswith("url-sha256:")
    assert len(url) == 513


def test_a_single_ad_is_a_batch_of_one() -> None:
    assert ads(json.dumps(A1)) == [("a1", "https://x.test/1.png")]


def test_numbers_are_names_too() -> None:
    assert ads('{"ad_id": 120211234567890123, "url": "u"}') == [("120211234567890123", "u")]


def test_the_same_ad_with_another_url_is_another_item() -> None:
    assert len(ads(json.dumps([A1, {**A1, "url": "other"}, A1]))) == 2


def test_other_columns_are_kept_as_json() -> None:
    [item] = items(json.dumps({**A1, "market": "Île", "spend": 1.5, "tags": ["a"], "none": None}))

    assert isinstance(item, Item)
    assert json.loads(item.extra or "") == {"market": "Île", "spend": 1.5, "tags": ["a"], "none": None}


def test_a_batch_is_named_by_its_field_then_its_attribute() -> None:
    named = json.dumps({"batch_id": "field", "items": [A1]}).encode()
    unnamed = json.dumps([A1]).encode()

    assert batches.parse(named, {"batch_id": "attribute"}).batch_id == "field"
    assert batches.parse(unnamed, {"batch_id": "attribute"}).batch_id == "attribute"
    assert batches.parse(unnamed, {}).batch_id is None
    assert batches.parse(unnamed, {"origin": "raw_ads"}).origin is Origin.RAW_ADS


@pytest.mark.parametrize(
    ("value", "ad_id", "url"),
    [
        ({"ad_id": "a1"}, "a1", None),
        ({"ad_id": "a1", "url": ""}, "a1", None),
        ({"ad_id": "a1", "url": "  "}, "a1", None),
        ({"ad_id": "a1", "url": [7]}, "a1", None),
        ({"ad_id": "a1", "url": "data:," + "A" * 4_000_000}, "a1", None),
        ({"url": "u"}, None, "u"),
        ({"ad_id": None, "url": "u"}, None, "u"),
        ({"ad_id": True, "url": "u"}, None, "u"),
        ({"ad_id": 1.5, "url": "u"}, None, "u"),
        ({"ad_id": "x" * 2000, "url": "u"}, None, "u"),
        ({"ad_id": "\ud800", "url": "u"}, None, "u"),
        ({}, None, None),
        ([], None, None),
        (7, None, None),
        (None, None, None),
        ("", None, None),
    ],
)
def test_an_item_that_is_no_ad_says_what_it_lacks(value: object, ad_id: str | None, url: str | None) -> None:
    [item] = batches.read(3, value)

    assert isinstance(item, Malformed)
    assert (item.index, item.ad_id, item.url) == (3, ad_id, url)
    assert item.detail.startswith("it has " if ad_id else "item 4 of the batch ")


@pytest.mark.parametrize(
    "data",
    [
        b'{"items": [{"ad_id": "a1", "url": "u", "spend": NaN, "ctr": 1.5}, {"ad_id": "a2", "url": "v"}]}',
        b'{"ad_id": "a1", "url": "u", "spend": -Infinity, "ctr": 1.5}\n{"ad_id": "a2", "url": "v"}',
        b'[{"ad_id": "a1", "url": "u", "spend": 1e999, "ctr": 1.5}, {"ad_id": "a2", "url": "v"}]',
    ],
)
def test_a_column_without_a_number_is_dropped_and_nothing_else(data: bytes) -> None:
    first, second = items(data)

    assert isinstance(first, Item)
    assert isinstance(second, Item)
    assert (first.ad_id, json.loads(first.extra or ""), second.ad_id) == ("a1", {"ctr": 1.5}, "a2")


def test_nan_deep_in_a_column_becomes_null() -> None:
    [item] = items(b'{"ad_id": "a1", "url": "u", "by_day": {"mon": [NaN, 2]}}')

    assert isinstance(item, Item)
    assert json.loads(item.extra or "") == {"by_day": {"mon": [None, 2]}}


@pytest.mark.parametrize("sign", ["\u2028", "\u2029", "\x85", "\x0b", "\x1c"])
def test_a_separator_within_a_text_separates_no_lines(sign: str) -> None:
    data = "\n".join(json.dumps({**ad, "copy": f"Summer{sign}Sale"}, ensure_ascii=False) for ad in (A1, A2))

    assert ads(data.replace("\\u000b", sign).replace("\\u001c", sign)) == [("a1", A1["url"]), ("a2", A2["url"])]


def test_columns_go_by_the_names_that_tools_give_them_and_each_address_is_an_ad() -> None:
    found = items(
        '{"Ad ID": 7, "Image URL": "https://x.test/1.png, https://x.test/2.png", "video_url": ["https://x.test/3"]}'
    )

    assert [(item.ad_id, item.url) for item in found] == [
        ("7", "https://x.test/1.png"),
        ("7", "https://x.test/2.png"),
        ("7", "https://x.test/3"),
    ]


def test_a_batch_may_say_which_columns_count() -> None:
    item = {"ref": "7", "film": "https://x.test/1.mp4", "image_url": "https://x.test/2.png"}

    [found] = items(json.dumps({"id_column": "ref", "url_columns": ["film"], "items": [item]}))

    assert isinstance(found, Item)
    assert (found.ad_id, found.url, found.extra) == ("7", item["film"], '{"image_url":"https://x.test/2.png"}')


def test_what_the_import_publishes_is_taken_to_the_letter() -> None:
    raw = {"ad_id": " a1 ", "url": "https://x.test/1.png, https://x.test/2.png", "image_url": "https://x.test/3.png"}

    [item] = items(json.dumps([raw]), origin="raw_ads")

    assert isinstance(item, Item)
    assert (item.ad_id, item.url) == (raw["ad_id"], raw["url"])
    assert (item.extra, item.part) == ('{"image_url":"https://x.test/3.png"}', 0)


@pytest.mark.parametrize(
    ("raw", "said", "ad_id", "url"),
    [
        ({"ad_id": "a1", "url": None}, "no usable url", "a1", None),
        ({"ad_id": None, "url": "u"}, "no usable ad_id", None, "u"),
        ({"ID": "a1", "link": "u"}, "no usable ad_id and url", None, None),
    ],
)
def test_what_the_import_publishes_without_one_of_the_two_says_which(
    raw: object, said: str, ad_id: str | None, url: str | None
) -> None:
    [item] = items(json.dumps([raw]), origin="raw_ads")

    assert item == Malformed(0, f"{'it' if ad_id else 'item 1 of the batch'} has {said}", ad_id, url)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"ad_id": "a1"}, "no usable url"),
        ({"url": "u"}, "no usable ad_id"),
        ({}, "no usable ad_id and url"),
        ({"ad_id": "a1", "url": ["\ud800"]}, "no usable url of at most 4,000,000 bytes"),
    ],
)
def test_what_an_item_lacks_is_said(value: object, said: str) -> None:
    [item] = batches.read(3, value)

    assert item == Malformed(3, f"{'it' if item.ad_id else 'item 4 of the batch'} has {said}", item.ad_id, item.url)


def test_a_line_of_a_batch_is_told_by_its_number() -> None:
    first, _, third = batches.parse(b'{"ad_id": "a1"\n\n{"ad_id": "a2", "url": "u"}\n{"ad_id"', {}).items()

    assert isinstance(first, Malformed)
    assert isinstance(third, Malformed)
    assert (first.detail, third.detail) == (
        "line 1 of the batch is not valid JSON",
        "line 4 of the batch is not valid JSON",
    )


@pytest.mark.parametrize("beyond", [0, 1])
def test_an_address_of_an_item_has_a_longest_length(beyond: int) -> None:
    [item] = batches.read(0, {"ad_id": "a1", "url": "data:,".ljust(4_000_000 + beyond, "A")})

    assert isinstance(item, Malformed if beyond else Item)


def test_each_address_of_an_item_has_its_place_in_it() -> None:
    two = batches.read(0, {"ad_id": "a1", "url": "https://x.test/1.png, https://x.test/2.png"})

    assert [(each.url, each.part) for each in two if isinstance(each, Item)] == [
        ("https://x.test/1.png", 0),
        ("https://x.test/2.png", 1),
    ]


def test_a_column_that_no_text_names_is_none_that_counts() -> None:
    batch = batches.parse(json.dumps({"id_column": 7, "url_columns": [7, "film"], "items": [A1]}).encode(), {})

    assert batch.choice == Choice(None, ("film",))


def test_a_table_is_a_batch_too() -> None:
    found = items("Ad ID;Creative URL;Market\n7;https://x.test/1.png;FR\n8;;DE\n")

    assert [(type(item), item.ad_id, item.url) for item in found] == [
        (Item, "7", "https://x.test/1.png"),
        (Malformed, "8", None),
    ]


def test_a_broken_line_is_malformed_among_good_ones() -> None:
    found = items(f'{json.dumps(A1)}\n{{"ad_id": "a2", "url": \n{json.dumps(A2)}')

    assert [type(item) for item in found] == [Item, Malformed, Item]


@pytest.mark.parametrize("data", [b"", b"  \n ", b"[]", b'{"items": []}', b"\xff\xfe\x00", b"\x80abc"])
def test_a_batch_without_anything_to_read_is_refused(data: bytes) -> None:
    with pytest.raises(Rejected) as refused:
        batches.parse(data, {})

    assert refused.value.reason is Reason.MALFORMED_MESSAGE


@pytest.mark.parametrize("data", [b"[" * 100_000, b'{"a":' * 100_000, b"[1e999, NaN]", b"9" * 5000])
def test_json_that_is_meant_to_hurt_is_malformed(data: bytes) -> None:
    assert all(isinstance(item, Malformed | Item) for item in items(data))


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["ad_id", "url", "items", "x"]), inner),
    max_leaves=12,
)


@given(JSON)
def test_any_json_is_read_or_refused(value: object) -> None:
    accounted_for(json.dumps(value).encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    accounted_for(data)


def accounted_for(data: bytes) -> None:
    try:
        batch = batches.parse(data, {})
    except Rejected:
        return
    for item in batch.items():
        assert not isinstance(item, Item) or (item.ad_id.encode() and item.url.encode())
        assert not isinstance(item, Item) or item.extra is None or json.loads(item.extra)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("uvw")), min_size=1))
def test_each_ad_and_url_of_a_batch_comes_once_and_in_order(pairs: list[tuple[str, str]]) -> None:
    data = json.dumps([{"ad_id": ad_id, "url": url} for ad_id, url in pairs])

    assert ads(data) == list(dict.fromkeys(pairs))
