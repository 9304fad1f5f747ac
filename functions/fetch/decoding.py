"""Bodies that a site compressed although it was asked not to: decoded piece by piece, so that a bomb stays small.

How much may come out in all is for the reader to bound; no single piece is larger than `PIECE_BYTES`.
"""

import zlib
from collections.abc import Iterable, Iterator

from shared.reasons import Reason, Rejected

PIECE_BYTES = 2**16
_GZIP_OR_ZLIB = zlib.MAX_WBITS | 32


def decoded(chunks: Iterable[bytes], encoding: str, where: str) -> Iterator[bytes]:
    """The content of `chunks`, by their Content-Encoding.

    Raises:
        Rejected: when the encoding is none that we read, or the data is not of it.
        EOFError: when the compressed data breaks off.
    """
    name = encoding.strip().lower()
    if name in ("", "identity"):
        return iter(chunks)
    if name not in ("gzip", "x-gzip", "deflate"):
        raise Rejected(Reason.HTTP_ERROR, f"{where} is compressed ({name[:40]}) although we asked for it as it is")
    return _inflated(chunks, where)


def _inflated(chunks: Iterable[bytes], where: str) -> Iterator[bytes]:
    decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
    try:
        for chunk in chunks:
            rest = chunk
            while rest and not decoder.eof:
                yield decoder.decompress(rest, PIECE_BYTES)
                rest = decoder.unconsumed_tail
    except zlib.error as error:
        raise Rejected(Reason.HTTP_ERROR, f"{where} claims to be compressed and is not") from error
    if not decoder.eof:
        raise EOFError("the compressed data breaks off")
