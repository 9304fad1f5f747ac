"""What a file is by its first bytes, whatever its name or its sender says.

Formats that we read have a kind; others that people upload by mistake are named, so that the refusal says what it is.
It decides which decoder a file may reach, and never whether the file is sound: that the decoder finds out.
"""

import codecs
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

from shared.events import Kind
from shared.reasons import Reason, Rejected

HEAD_BYTES = 4096
"""How many of a file's first bytes `sniff` looks at."""


@dataclass(frozen=True)
class Media:
    """What a file is.

    Attributes:
        content_type: e.g. image/png.
        kind: image or video; None for what we recognise but cannot analyse.
        name: for people, with its article: "a PNG image".
        refused_for: why it is refused, where it has no kind.
    """

    content_type: str
    kind: Kind | None
    name: str
    refused_for: Reason = Reason.UNSUPPORTED_TYPE


def _image(subtype: str, name: str) -> Media:
    return Media(f"image/{subtype}", Kind.IMAGE, name)


def _video(subtype: str, name: str) -> Media:
    return Media(f"video/{subtype}", Kind.VIDEO, name)


def _other(content_type: str, name: str) -> Media:
    return Media(content_type, None, name)


def _variant(content_type: str, name: str) -> Media:
    return Media(content_type, None, name, Reason.UNSUPPORTED_VARIANT)


def _archive(subtype: str, name: str) -> Media:
    return Media(f"application/{subtype}", None, name, Reason.UNOPENED_ARCHIVE)


_AVIF = _image("avif", "an AVIF image")
_HEIC = _image("heic", "a HEIC image")
_BMP = _image("bmp", "a BMP image")
_HEIF_RELATIVE = _variant("image/heif", "an image of a relative of HEIC (H.264, JPEG 2000, uncompressed or the like)")
_RAW = _variant("image/x-raw", "a camera's raw image")
_MP4 = _video("mp4", "an MP4 video")
_PROTECTED = _variant("video/mp4", "a protected video, which only its player can decrypt")
_SEGMENT = _variant("video/iso.segment", "a segment of a streamed video (DASH or HLS), without its beginning")
_MOV = _video("quicktime", "a QuickTime video")
_3GP = _video("3gpp", "a 3GP video")
_WEBM = _video("webm", "a WebM video")
_MKV = _video("x-matroska", "a Matroska video")
_OGG = _video("ogg", "an Ogg video")
_MPEG_TS = _video("mp2t", "an MPEG transport stream")
_TIFF = _image("tiff", "a TIFF image")
_NAKED = _other("video/h264", "a video without a container (H.264 or H.265)")
_TARGA = _other("image/x-tga", "a TGA image")
_AUDIO = _other("audio/mpeg", "an audio file")
_ZIP = _archive("zip", "a zip archive")
ZIP_BEGINS = b"PK\x03\x04"
"""The first bytes of a zip that holds something."""

OFFICE = "application/x-office"
"""The type of documents that are zips inside, workbooks among them."""

TABLES = {
    b"PAR1": _other("application/vnd.apache.parquet", "a Parquet file"),
    b"Obj\x01": _other("application/avro", "an Avro file"),
    b"ORC": _other("application/vnd.apache.orc", "an ORC file"),
    b"ARROW1": _other("application/vnd.apache.arrow.file", "an Arrow file"),
    b"SQLite format 3\0": _other("application/vnd.sqlite3", "an SQLite database"),
}
"""How files begin that hold tables and are none of text."""

_OFFICE = _other(OFFICE, "an Office document")
_TAR = _archive("x-tar", "a tar archive")
_BZIP2 = _archive("x-bzip2", "a bzip2 archive")
_SVG = _other("image/svg+xml", "an SVG drawing")
_HTML = _other("text/html", "a web page")
_XML = _other("application/xml", "an XML file")
_TEXT = _other("text/plain", "a text file")
_OLD_OFFICE = _other("application/x-ole-storage", "an Office document of before 2007")

_PREFIXES: tuple[tuple[bytes, Media], ...] = (
    (b"\xff\xd8\xff", _image("jpeg", "a JPEG image")),
    (b"\x89PNG\r\n\x1a\n", _image("png", "a PNG image")),
    (b"GIF87a", _image("gif", "a GIF image")),
    (b"GIF89a", _image("gif", "a GIF image")),
    (b"IIRO", _RAW),
    (b"IIRS", _RAW),
    (b"MMOR", _RAW),
    (b"IIU\x00", _RAW),
    (b"FUJIFILMCCD-RAW", _RAW),
    (b"FLV\x01", _video("x-flv", "a Flash video")),
    (b"\x00\x00\x01\xba", _video("mpeg", "an MPEG program stream")),
    (b"\x30\x26\xb2\x75\x8e\x66\xcf\x11", _video("x-ms-asf", "a Windows Media video")),
    (b"%PDF-", _other("application/pdf", "a PDF document")),
    (b"PK\x05\x06", Media("application/zip", None, "an empty zip archive", Reason.EMPTY_ARCHIVE)),
    (b"\x1f\x8b", _archive("gzip", "a gzip archive")),
    (b"7z\xbc\xaf\x27\x1c", _archive("x-7z-compressed", "a 7z archive")),
    (b"Rar!\x1a\x07", _archive("vnd.rar", "a RAR archive")),
    (b"\xfd7zXZ\x00", _archive("x-xz", "an xz archive")),
    (b"\x28\xb5\x2f\xfd", _archive("zstd", "a Zstandard archive")),
    (b"8BPS", _other("image/vnd.adobe.photoshop", "a Photoshop document")),
    (b"\xc5\xd0\xd3\xc6", _other("application/postscript", "a PostScript document with a preview (EPS)")),
    (b"v/1\x01", _other("image/x-exr", "an OpenEXR image")),
    (b"#?RADIANCE", _other("image/vnd.radiance", "a Radiance HDR image")),
    (b"#?RGBE", _other("image/vnd.radiance", "a Radiance HDR image")),
    (b"\xff\x4f\xff\x51", _other("image/j2c", "a JPEG 2000 image")),
    (b"\x06\x0e\x2b\x34\x02\x05\x01\x01\x0d\x01\x02", _other("application/mxf", "an MXF video (a broadcast master)")),
    (b"\x00\x00\x01\xb3", _other("video/mpeg-es", "an MPEG video without a container")),
    (b"YUV4MPEG2 ", _other("video/x-yuv4mpeg", "an uncompressed video (Y4M)")),
    (b"SDPX", _other("image/x-dpx", "a DPX image")),
    (b"XPDS", _other("image/x-dpx", "a DPX image")),
    (b"gimp xcf ", _other("image/x-xcf", "a GIMP document")),
    (b"\x06\x06\xed\xf5\xd8\x1d\x46\xe5", _other("application/x-indesign", "an InDesign document")),
    (b"RIFX", _other("application/x-director", "a project of a film or animation program")),
    (b"\xd7\xcd\xc6\x9a", _other("image/wmf", "a Windows metafile")),
    (b"%!PS", _other("application/postscript", "a PostScript document")),
    (b"\x00\x00\x01\x00", _other("image/x-icon", "an icon")),
    (b"\xff\x0a", _other("image/jxl", "a JPEG XL image")),
    (b"\x00\x00\x00\x0cJXL \r\n\x87\n", _other("image/jxl", "a JPEG XL image")),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", _other("image/jp2", "a JPEG 2000 image")),
    (b"ID3", _AUDIO),
    (b"fLaC", _other("audio/flac", "an audio file")),
    (b"FWS", _other("application/x-shockwave-flash", "a Flash animation")),
    (b"CWS", _other("application/x-shockwave-flash", "a Flash animation")),
    (b"ZWS", _other("application/x-shockwave-flash", "a Flash animation")),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", _OLD_OFFICE),
    *TABLES.items(),
    (b"\x7fELF", _other("application/x-executable", "a program")),
    (b"MZ", _other("application/x-msdownload", "a program")),
)

_RIFF_FORMS: dict[bytes, Media] = {
    b"WEBP": _image("webp", "a WebP image"),
    b"AVI ": _video("x-msvideo", "an AVI video"),
    b"WAVE": _other("audio/wav", "an audio file"),
}

# ISO base media brands (www.ftyps.com, MIAF and AVIF specifications); every brand that is not here is an MP4 video.
_BRANDS: dict[bytes, Media] = {
    b"avif": _AVIF,
    b"avis": _AVIF,
    **dict.fromkeys((b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1", b"mif2"), _HEIC),
    **dict.fromkeys((b"hevc", b"hevx"), _video("mp4", "a sequence of HEIC images")),  # a track, as of an MP4
    b"qt  ": _MOV,
    **dict.fromkeys((b"M4A ", b"M4B ", b"M4P "), _other("audio/mp4", "an audio file")),
    **dict.fromkeys(
        (b"mif3", b"avci", b"avcs", b"j2ki", b"j2is", b"jpeg", b"jpgs", b"unif", b"vvic", b"evbi"), _HEIF_RELATIVE
    ),
    b"crx ": _RAW,
}
_GENERIC_BRANDS = frozenset((b"mif1", b"msf1", b"mif2"))
_SEGMENT_FIRST_ATOMS = frozenset((b"styp", b"moof", b"sidx", b"emsg"))
_MOV_FIRST_ATOMS = frozenset((b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"))

_TIFF_ORDERS: dict[bytes, Literal["little", "big"]] = {
    b"II*\0": "little", b"II+\0": "little", b"MM\0*": "big", b"MM\0+": "big",
}  # fmt: skip
# DNGVersion; a colour filter's pattern; where a camera keeps its own notes on the sensor (TIFF/EP, DNG specification).
_RAW_TAGS = frozenset((0xC612, 0x828D, 0x828E, 0x9216))

_BMP_HEADER_SIZES = frozenset((12, 16, 40, 52, 56, 64, 108, 124))
_EBML_DOCTYPE = b"\x42\x82"


def refusal(media: Media | None) -> Reason:
    """Why a file that is no picture and no video for us is refused."""
    return media.refused_for if media else Reason.UNSUPPORTED_TYPE


def require_taken(media: Media | None, size: int, max_bytes: Callable[[Kind], int], what: str) -> Media:
    """What a picture or video of `size` bytes is, where it is taken; `what` is what it is called.

    Raises:
        Rejected: when it is empty, neither of the two, or larger than `max_bytes` of its kind.
    """
    if not size:
        raise Rejected(Reason.EMPTY_FILE, f"{what} has no bytes")
    if media is None or media.kind is None:
        advice = "; zip it as index.html, with the files that it loads" if media == _HTML else ""
        raise Rejected(refusal(media), f"{what} is {media.name if media else 'of no type that we know'}{advice}")
    limit = max_bytes(media.kind)
    if size > limit:
        raise Rejected(Reason.TOO_LARGE, f"{media.name} of {size:,} bytes, the limit is {limit:,}")
    return media


_LONGEST_SIGNATURE = 16
_SIGNED_TEXT = (b"FUJIFILMCCD-RAW", b"%PDF-", b"%!PS", b"#?R", b"YUV4MPEG2 ", b"gimp xcf ")
"""How files begin that may be text for `HEAD_BYTES` and are signed nevertheless. Of all others a text that happens to
begin as they do (a table whose first column is `ID3`, whose second is `moov`) is a text."""


def sniff(head: bytes) -> Media | None:
    """What the file that starts with `head` (its first `HEAD_BYTES`, or all of a smaller one) is; None if unknown."""
    head = head[:HEAD_BYTES]
    if len(head) > _LONGEST_SIGNATURE and (text := _text(head)) and not head.startswith(_SIGNED_TEXT):
        return _markup(head) or text
    for prefix, media in _PREFIXES:
        if head.startswith(prefix):
            return media
    return next(filter(None, (recognise(head) for recognise in _RECOGNISERS)), None)


_OFFICE_BEGINS = tuple(
    name.encode()
    for name in (
        *("[Content_Types].xml", "_rels/.rels", "docProps/app.xml", "docProps/core.xml"),
        *("xl/workbook.xml", "word/document.xml", "ppt/presentation.xml", "mimetypeapplication/"),
    )
)


def _zip(head: bytes) -> Media | None:
    """A zip, or a document that is one inside: by the name of its first file."""
    if not head.startswith(ZIP_BEGINS):
        return None
    return _OFFICE if head[30:].startswith(_OFFICE_BEGINS) else _ZIP


def _other_archive(head: bytes) -> Media | None:
    if head[257:262] == b"ustar":
        return _TAR
    return _BZIP2 if head.startswith(b"BZh") and head[4:10] == b"1AY&SY" else None


def _riff(head: bytes) -> Media | None:
    return _RIFF_FORMS.get(head[8:12]) if head.startswith(b"RIFF") else None


def _iso_media(head: bytes) -> Media | None:
    """MP4 and its relatives: the file type box names a brand, and the brands that it is compatible with."""
    if head[4:8] in _MOV_FIRST_ATOMS:
        return _PROTECTED if b"encv" in head else _MOV  # QuickTime files of before 2001 have no file type box
    if head[4:8] in _SEGMENT_FIRST_ATOMS:
        return _SEGMENT
    if head[4:8] != b"ftyp":
        return None
    end = min(int.from_bytes(head[:4]), len(head))
    major, *compatible = [head[8:12], *(head[at : at + 4] for at in range(16, end - 3, 4))]
    brands = [*compatible, major] if major in _GENERIC_BRANDS else [major]
    if brands[0].startswith((b"3gp", b"3g2")):
        return _3GP
    known = [brand for brand in brands if brand in _BRANDS]
    media = _BRANDS[next((b for b in known if b not in _GENERIC_BRANDS), known[0])] if known else _MP4
    return _PROTECTED if media.kind is Kind.VIDEO and b"encv" in head else media


def _tiff(head: bytes) -> Media | None:
    """A TIFF, or one of the many raw images that begin like one: by the tags of its first directory."""
    order = _TIFF_ORDERS.get(head[:4])
    if order is None:
        return None
    if head[8:10] == b"CR" or _tiff_tags(head, order) & _RAW_TAGS:
        return _RAW
    return _TIFF


def _tiff_tags(head: bytes, order: Literal["little", "big"]) -> set[int]:
    """The tags of the first directory, as far as they stand in the head; of a BigTIFF none."""
    start = int.from_bytes(head[4:8], order)
    if head[2:4] in (b"+\0", b"\0+") or start > len(head) - 2:
        return set()
    count = int.from_bytes(head[start : start + 2], order)
    places = range(start + 2, min(start + 2 + 12 * count, len(head) - 1), 12)
    return {int.from_bytes(head[at : at + 2], order) for at in places}


def _naked_video(head: bytes) -> Media | None:
    """H.264 or H.265 as an encoder writes it, without a container: a start code, then parameters."""
    start = next((len(code) for code in (b"\0\0\0\1", b"\0\0\1") if head.startswith(code)), 0)
    if not start or len(head) < start + 2:
        return None
    avc, hevc = head[start] & 0x9F in (7, 9), head[start] in (0x40, 0x42, 0x44, 0x46) and head[start + 1] == 1
    return _NAKED if avc or hevc else None


def _targa(head: bytes) -> Media | None:
    """A TGA has no signature: its header has to make sense, field by field."""
    if len(head) < 18 or head[1] > 1 or head[2] not in (1, 2, 3, 9, 10, 11) or head[16] not in (8, 15, 16, 24, 32):
        return None
    mapped, sides = head[1] == 1, (int.from_bytes(head[12:14], "little"), int.from_bytes(head[14:16], "little"))
    consistent = (mapped == (head[2] in (1, 9))) and (mapped or not any(head[3:8])) and not head[17] & 0xC0
    return _TARGA if consistent and all(0 < side <= 32_768 for side in sides) else None


def _matroska(head: bytes) -> Media | None:
    """WebM is a Matroska file whose header names the document type 'webm'."""
    if not head.startswith(b"\x1a\x45\xdf\xa3"):
        return None
    at = head.find(_EBML_DOCTYPE)
    return _WEBM if at >= 0 and head[at + 3 : at + 7] == b"webm" else _MKV


def _ogg(head: bytes) -> Media | None:
    """An Ogg file starts with one page per stream, each naming its codec."""
    if not head.startswith(b"OggS"):
        return None
    return _OGG if b"\x80theora" in head else _other("audio/ogg", "an audio file")


def _mpeg_transport_stream(head: bytes) -> Media | None:
    """Packets of 188 bytes, each starting with 0x47; in Blu-ray's variant four bytes of time code come before."""
    for first, size in ((0, 188), (4, 192)):
        marks = head[first::size][:5]
        if len(marks) >= 3 and set(marks) == {0x47}:
            return _MPEG_TS
    return None


def _bmp(head: bytes) -> Media | None:
    return _BMP if head.startswith(b"BM") and int.from_bytes(head[14:18], "little") in _BMP_HEADER_SIZES else None


def _mpeg_audio(head: bytes) -> Media | None:
    """An MPEG audio frame without an ID3 tag: sync word, then neither a reserved version, layer, rate nor frequency."""
    if len(head) < 4 or head[0] != 0xFF or head[1] & 0xE0 != 0xE0:
        return None
    version, layer, rate, frequency = head[1] >> 3 & 3, head[1] >> 1 & 3, head[2] >> 4, head[2] >> 2 & 3
    aac = head[1] & 0xF6 == 0xF0
    return _AUDIO if aac or (version != 1 and layer != 0 and rate not in (0, 15) and frequency != 3) else None


_WIDE = {
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, with whose mark it begins
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_MARKUP_PREAMBLE = re.compile(
    rb"\A(?:\xef\xbb\xbf)?(?:\s+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\s+svg\b[^\[>]*(?:\[.*?\])?\s*>)*", re.S | re.I
)
_HTML_START = re.compile(
    rb"<(?:!doctype\s+html|html|head|body|title|script|meta|link|iframe|div|table|p|a|h1|br)\b", re.I
)


def _markup(head: bytes) -> Media | None:
    """HTML, SVG or other XML, by the first tag after declarations and comments."""
    start = _MARKUP_PREAMBLE.sub(b"", head, count=1)
    if re.match(rb"<(?:\w+:)?svg\b", start, re.I):
        return _SVG
    if _HTML_START.match(start):
        return _HTML
    return _XML if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<?xml") else None


def _wide_text(head: bytes) -> Media | None:
    """Text in UTF-16 or UTF-32, by its mark, which is how an MPEG audio frame may begin, too; or by Latin letters."""
    encoding = next((name for mark, name in _WIDE.items() if head.startswith(mark)), None) or _unmarked(head)
    if encoding is None:
        return None
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)  # whose last character may be cut
        return _text(text.encode())
    except UnicodeError:
        return None


def _unmarked(head: bytes) -> str | None:
    """The order of UTF-16 without a mark, as a program's export of Latin letters has it: every other byte is zero."""
    low, high = head[::2], head[1::2]
    if not head or low.count(0) == high.count(0):
        return None
    zeros, order = (high, "utf-16-le") if high.count(0) > low.count(0) else (low, "utf-16-be")
    return order if zeros.count(0) > len(zeros) // 2 else None


def _code_page_text(head: bytes) -> Media | None:
    """Text in one of the many encodings of a byte or two, as spreadsheets save it: no byte of it controls anything.

    Of `_LEAST_OF_CODE_PAGE` bytes of another file, of which some are zero, as good as none is without such a byte.
    """
    return _TEXT if len(head) >= _LEAST_OF_CODE_PAGE and not _CONTROL.search(head) else None


_LEAST_OF_CODE_PAGE = 32
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1a\x1c-\x1f\x7f]")


def _text(head: bytes) -> Media | None:
    """Text without a single control character: a list of URLs, JSON, CSV."""
    if not head or _CONTROL.search(head):
        return None
    try:
        head.decode()
    except UnicodeDecodeError as error:
        return _TEXT if error.start >= len(head) - 3 and len(head) == HEAD_BYTES else None  # cut within a character
    return _TEXT


_RECOGNISERS: tuple[Callable[[bytes], Media | None], ...] = (
    _zip,
    _other_archive,
    _tiff,
    _riff,
    _iso_media,
    _matroska,
    _ogg,
    _bmp,
    _mpeg_transport_stream,
    _wide_text,
    _code_page_text,
    _mpeg_audio,
    _naked_video,
    _markup,
    _text,  # of few bytes
    _targa,
)
