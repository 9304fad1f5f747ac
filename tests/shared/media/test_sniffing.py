"""`sniff` against files that real encoders wrote, and against the first bytes of what people upload by mistake."""

import io

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.events import Kind
from shared.media.sniffing import HEAD_BYTES, sniff
from tests import videos

pillow_heif.register_heif_opener()


@pytest.mark.parametrize(
    ("pillow_format", "content_type"),
    [
        ("JPEG", "image/jpeg"),
        ("PNG", "image/png"),
        ("WEBP", "image/webp"),
        ("GIF", "image/gif"),
        ("AVIF", "image/avif"),
        ("HEIF", "image/heic"),
        ("TIFF", "image/tiff"),
        ("BMP", "image/bmp"),
    ],
)
def test_an_image_is_known_by_its_bytes(pillow_format: str, content_type: str) -> None:
    file = io.BytesIO()
    Image.new("RGB", (64, 48), "red").save(file, pillow_format)

    media = sniff(file.getvalue()[:HEAD_BYTES])

    assert media
    assert (media.content_type, media.kind) == (content_type, Kind.IMAGE)


@pytest.mark.parametrize(
    ("muxer", "codec", "content_type"),
    [
        ("mp4", "libx264", "video/mp4"),
        ("mov", "libx264", "video/quicktime"),
        ("3gp", "mpeg4", "video/3gpp"),
        ("webm", "libvpx", "video/webm"),
        ("matroska", "libx264", "video/x-matroska"),
        ("avi", "mpeg4", "video/x-msvideo"),
        ("mpegts", "mpeg2video", "video/mp2t"),
        ("mpeg", "mpeg2video", "video/mpeg"),
        ("flv", "flv", "video/x-flv"),
        ("asf", "mpeg4", "video/x-ms-asf"),
    ],
)
def test_a_video_is_known_by_its_bytes(muxer: str, codec: str, content_type: str) -> None:
    media = sniff(
        videos.encode(videos.moving_square(0.2, width=176, height=144), muxer=muxer, codec=codec)[:HEAD_BYTES]
    )

    assert media
    assert (media.content_type, media.kind) == (content_type, Kind.VIDEO)


@pytest.mark.parametrize(
    ("head", "content_type"),
    [
        (b"<!DOCTYPE html><html>", "text/html"),
        (b"\xef\xbb\xbf \n<!-- a comment --><HTML lang=en>", "text/html"),
        (b"<?xml version='1.0'?><!DOCTYPE html PUBLIC '-//W3C//DTD XHTML 1.0'><html>", "text/html"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "image/svg+xml"),
        (
            b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY x SYSTEM "file:///etc/passwd">]><svg>&x;</svg>',
            "image/svg+xml",
        ),
        (b"<?xml version='1.0'?><rss version='2.0'>", "application/xml"),
        (b"%PDF-1.7\n", "application/pdf"),
        (b"PK\x03\x04\x14\x00", "application/zip"),
        (b"\x1f\x8b\x08\x00", "application/gzip"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\x00\x00", "audio/mpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01\x1e\x01vorbis", "audio/ogg"),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00", "audio/mp4"),
        (b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
        (b'{"ad_id": "a", "url": "https://example.com/a.png"}', "text/plain"),
        ("Größe,Preis\n".encode() * 1000, "text/plain"),
    ],
)
def test_what_people_upload_by_mistake_is_named_but_has_no_kind(head: bytes, content_type: str) -> None:
    media = sniff(head)

    assert media
    assert (media.content_type, media.kind) == (content_type, None)


@pytest.mark.parametrize(
    ("brands", "content_type"),
    [
        ((b"avif", b"mif1"), "image/avif"),
        ((b"mif1", b"avif", b"miaf"), "image/avif"),
        ((b"mif1", b"mif1", b"heic"), "image/heic"),
        ((b"msf1", b"hevc"), "image/heic"),
        ((b"avis", b"msf1"), "image/avif"),
        ((b"isom", b"avc1", b"mp42"), "video/mp4"),
        ((b"mp42", b"mif1"), "video/mp4"),
        ((b"qt  ",), "video/quicktime"),
    ],
)
def test_relatives_of_mp4_are_told_apart_by_their_brands(brands: tuple[bytes, ...], content_type: str) -> None:
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])

    media = sniff((len(box) + 4).to_bytes(4) + box + b"\x00\x00\x10\x00moov")

    assert media
    assert media.content_type == content_type


def test_an_ogg_file_is_a_video_when_a_stream_is_theora() -> None:
    media = sniff(b"OggS\x00\x02" + bytes(22) + b"\x80theora\x03\x02\x01")

    assert media
    assert (media.content_type, media.kind) == ("video/ogg", Kind.VIDEO)


@pytest.mark.parametrize("head", [b"", b"\x00" * 64, b"\x01\x02\x03\x04" * 9, b"BM is how this sentence starts\x00"])
def test_what_nobody_knows_is_unknown(head: bytes) -> None:
    assert sniff(head) is None


@given(
    st.binary(max_size=HEAD_BYTES + 16),
    st.sampled_from([b"", b"RIFF", b"\x00\x00\x00\x20ftyp", b"OggS", b"<?xml", b"\x1a\x45\xdf\xa3"]),
)
def test_any_bytes_at_all_have_an_answer(tail: bytes, prefix: bytes) -> None:
    media = sniff(prefix + tail)

    assert media is None or media.kind in (None, Kind.IMAGE, Kind.VIDEO)
