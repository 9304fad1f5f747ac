"""`sniff` against files that real encoders wrote, and against the first bytes of what people upload by mistake."""

import bz2
import gzip
import io
import lzma
import struct
import tarfile
from functools import partial

import pillow_heif
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from shared.events import Kind
from shared.media.sniffing import HEAD_BYTES, refusal, sniff
from shared.reasons import Reason
from tests import videos
from tests.functions.render.banners import zipped

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
        (b"PK\x03\x04" + bytes(26) + b"word/document.xml", "application/x-office"),
        (b"ID3\x04\x00", "audio/mpeg"),
        (b"\xff\xfb\x90\x64\x00\x00", "audio/mpeg"),
        (b"RIFF\x24\x00\x00\x00WAVEfmt ", "audio/wav"),
        (b"OggS\x00\x02" + bytes(22) + b"\x01\x1e\x01vorbis", "audio/ogg"),
        (b"\x00\x00\x00\x1cftypM4A \x00\x00\x02\x00", "audio/mp4"),
        (b"8BPS\x00\x01", "image/vnd.adobe.photoshop"),
        (b"\xc5\xd0\xd3\xc6\x20\x00\x00\x00", "application/postscript"),
        (b"v/1\x01\x02\x00\x00\x00", "image/x-exr"),
        (b"#?RADIANCE\n# made by hand\n", "image/vnd.radiance"),
        (b"\xff\x4f\xff\x51\x00\x2f", "image/j2c"),
        (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02\x01", "application/mxf"),
        (b"\x00\x00\x01\xb3\x16\x00", "video/mpeg-es"),
        (b"\x00\x00\x00\x01\x67\x42\x00\x1e", "video/h264"),
        (b"\x00\x00\x00\x01\x40\x01\x0c\x01", "video/h264"),
        (b'{"ad_id": "a", "url": "https://example.com/a.png"}', "text/plain"),
        ("Größe,Preis\n".encode() * 1000, "text/plain"),
        (b"\xff\xfe\x90\x64" + bytes(range(256)) * 8, "audio/mpeg"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16), "application/x-ole-storage"),
        (b"PAR1\x15\x04\x15\x10", "application/vnd.apache.parquet"),
        (b"Obj\x01\x04\x14avro.codec", "application/avro"),
        (b"ARROW1\0\0\xff\xff\xff\xff", "application/vnd.apache.arrow.file"),
        (b"SQLite format 3\0\x10\0", "application/vnd.sqlite3"),
    ],
)
def test_what_people_upload_by_mistake_is_named_but_has_no_kind(head: bytes, content_type: str) -> None:
    media = sniff(head)

    assert media
    assert (media.content_type, media.kind) == (content_type, None)


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be"])
def test_wide_text_is_text_wherever_it_is_cut(encoding: str) -> None:
    text = ("\ufeff" + "Größe,Preis,広告 😀\n" * 300).encode(encoding)

    assert {sniff(text[: HEAD_BYTES - cut]) for cut in range(8)} == {sniff(b"a,b\n")}


def tar() -> bytes:
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode="w") as archive:
        archive.addfile(tarfile.TarInfo("a.jpg"))
    return content.getvalue()


@pytest.mark.parametrize(
    ("head", "content_type", "reason"),
    [
        (zipped({"word/one.jpg": "x"}), "application/zip", Reason.UNOPENED_ARCHIVE),
        (zipped({}), "application/zip", Reason.EMPTY_ARCHIVE),
        (gzip.compress(b"x", mtime=0), "application/gzip", Reason.UNOPENED_ARCHIVE),
        (bz2.compress(b"x"), "application/x-bzip2", Reason.UNOPENED_ARCHIVE),
        (lzma.compress(b"x"), "application/x-xz", Reason.UNOPENED_ARCHIVE),
        (tar(), "application/x-tar", Reason.UNOPENED_ARCHIVE),
        (b"7z\xbc\xaf\x27\x1c\x00", "application/x-7z-compressed", Reason.UNOPENED_ARCHIVE),
        (b"Rar!\x1a\x07\x01", "application/vnd.rar", Reason.UNOPENED_ARCHIVE),
    ],
)
def test_archives_are_refused_as_such(head: bytes, content_type: str, reason: Reason) -> None:
    media = sniff(head)

    assert media
    assert (media.content_type, media.kind) == (content_type, None)
    assert refusal(media) is reason


@pytest.mark.parametrize(
    ("brands", "content_type"),
    [
        ((b"avif", b"mif1"), "image/avif"),
        ((b"mif1", b"avif", b"miaf"), "image/avif"),
        ((b"mif1", b"mif1", b"heic"), "image/heic"),
        ((b"msf1", b"hevc"), "video/mp4"),
        ((b"hevc", b"msf1", b"heic"), "video/mp4"),
        ((b"heic", b"mif1", b"msf1", b"hevc"), "image/heic"),
        ((b"avis", b"msf1"), "image/avif"),
        ((b"isom", b"avc1", b"mp42"), "video/mp4"),
        ((b"mp42", b"mif1"), "video/mp4"),
        ((b"qt  ",), "video/quicktime"),
        ((b"avci", b"mif1", b"avci"), "image/heif"),
        ((b"mif1", b"j2ki"), "image/heif"),
        ((b"mif3", b"avif"), "image/heif"),
    ],
)
def test_relatives_of_mp4_are_told_apart_by_their_brands(brands: tuple[bytes, ...], content_type: str) -> None:
    box = b"ftyp" + brands[0] + bytes(4) + b"".join(brands[1:])

    media = sniff((len(box) + 4).to_bytes(4) + box + b"\x00\x00\x10\x00moov")

    assert media
    assert media.content_type == content_type


def tiff(order: str, *tags: int) -> bytes:
    """The beginning of a TIFF with these tags in its first directory."""
    pack = partial(struct.pack, "<HHII" if order == "II" else ">HHII")
    entries = b"".join(pack(tag, 1, 1, 0) for tag in sorted(tags))
    if order == "II":
        return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4)
    return b"MM\0*" + struct.pack(">IH", 8, len(tags)) + entries + bytes(4)


@pytest.mark.parametrize(
    "head",
    [
        tiff("II", 254, 256, 257, 0xC612),
        tiff("MM", 254, 256, 257, 0x828E),
        b"II*\0\x10\0\0\0CR\x02\0" + bytes(40),
        b"IIU\0\x18\0\0\0",
        b"FUJIFILMCCD-RAW 0201",
        b"\0\0\0\x18ftypavci\0\0\0\0mif1avci",
        b"\0\0\0\x18styp" + bytes(16),
        b"\0\0\0\x18ftypiso5\0\0\0\0iso5iso6\0\0\1\0moov" + bytes(80) + b"encv" + bytes(40),
    ],
)
def test_a_variant_that_is_not_read_is_no_damaged_file_and_no_strange_one(head: bytes) -> None:
    media = sniff(head)

    assert media
    assert media.kind is None
    assert refusal(media) is Reason.UNSUPPORTED_VARIANT


@pytest.mark.parametrize("order", ["II", "MM"])
def test_a_tiff_without_a_cameras_tags_is_a_picture(order: str) -> None:
    media = sniff(tiff(order, 254, 256, 257, 258, 259, 262, 273, 277, 278, 279))

    assert media
    assert media.content_type == "image/tiff"


def test_a_targa_is_known_by_its_header() -> None:
    encoded = io.BytesIO()
    Image.new("RGB", (30, 20), "red").save(encoded, "TGA")

    media = sniff(encoded.getvalue())

    assert media
    assert (media.content_type, media.kind) == ("image/x-tga", None)


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


@pytest.mark.parametrize(
    "encoding", ["cp1252", "cp1251", "koi8-r", "shift_jis", "gb18030", "cp1255", "utf-16-le", "utf-16-be"]
)
def test_a_table_is_text_in_whatever_encoding_a_program_saves_it(encoding: str) -> None:
    names = {"cp1252": "ÿû Größe", "cp1251": "яы Объявление", "koi8-r": "Объявление", "cp1255": "מודעה"}
    name = names.get(encoding, "Ad name" if encoding.startswith("utf") else "広告")

    media = sniff(f"{name};url\r\n1;https://example.com/a.png\r\n".encode(encoding))

    assert media
    assert media.content_type == "text/plain"


@pytest.mark.parametrize(
    "begins", ["ID3", "FWS", "MZ", "GIF87a", "FLV", "IIRO", "a,b,moov", "sku,free", "BM", "RIFF,,,,WEBP", "v/1"]
)
def test_a_table_that_begins_as_something_else_is_text(begins: str) -> None:
    media = sniff(f"{begins},url\n1,https://example.com/a.png\n".encode())

    assert media
    assert media.content_type == "text/plain"
