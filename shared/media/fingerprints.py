"""What `hash` and `probe` publish alike: the measures of a medium, and where its thumbnail is kept."""

from typing import TYPE_CHECKING

from pydantic import BaseModel, ConfigDict

from shared.events import Fingerprint, ImageObject, Kind, VideoObject
from shared.media import film_store, images, thumbnails

if TYPE_CHECKING:
    from google.cloud import storage


class Measured(BaseModel):
    """What decoding any medium tells; each kind adds fields of its own, named as in `Fingerprint`.

    Attributes:
        width: in pixels, as displayed.
        height: in pixels, as displayed.
        picture_aspect: width divided by height inside the bars that it has; None where there are none.
        near_blank: whether it is too flat for its hash to say anything.
        hash_version: of what it was hashed with.
        thumbnail: of a still, a grey WebP with the colours in its metadata; else a storyboard.
        film: of what moves (see shared/media/films.py).
    """

    model_config = ConfigDict(frozen=True, ser_json_bytes="base64", val_json_bytes="base64")

    width: int
    height: int
    picture_aspect: float | None = None
    near_blank: bool
    hash_version: str
    thumbnail: bytes
    film: bytes | None = None


def keep(
    client: "storage.Client",
    results_bucket: str,
    medium: ImageObject | VideoObject,
    measured: Measured,
    *,
    kind: Kind,
) -> Fingerprint:
    """The fingerprint of an image or video whose thumbnail, and film, are stored by now."""
    if measured.film is not None:
        film_store.store(client, results_bucket, medium.creative_id, measured.film)
    original = thumbnails.Original(medium.uri, medium.content_type)
    stored = thumbnails.store(client, results_bucket, medium.creative_id, measured.thumbnail, original)
    return of(medium, measured, kind, stored)


def of(medium: ImageObject | VideoObject, measured: Measured, kind: Kind, thumbnail_uri: str) -> Fingerprint:
    """The fingerprint of an image or video, by what was measured of it."""
    return Fingerprint(
        **medium.model_dump(exclude={"occurred_at"}),
        **measured.model_dump(exclude={"thumbnail", "film"}),
        kind=kind,
        aspect_ratio=images.aspect_ratio(measured.width, measured.height),
        ad_format=images.ad_format(measured.width, measured.height),
        thumbnail_uri=thumbnail_uri,
    )
