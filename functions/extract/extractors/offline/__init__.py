"""The offline extractor: what pixels tell without any service, by models whose weights ship inside packages.

It fills the words (text, language, promotion, discount, price, call to action), people as far as their faces show, and
colours; of videos also the opening, the scenes, the end card and the pace. Everything else stays null: brand, category,
style and mood cannot be told this way, and null beats a guess. What it gets right is measured by benchmarks/offline.py.
"""

import io
from functools import cached_property
from typing import TYPE_CHECKING

from PIL import Image
from pydantic import BaseModel
from pydantic_core import to_json

from functions.extract.extractors.extractor import Answer, Replies
from functions.extract.extractors.offline import findings
from functions.extract.extractors.offline.findings import Findings
from shared import clients, objects
from shared import features as feature_models
from shared.events import Extraction, Kind
from shared.media.creative import Creatives

if TYPE_CHECKING:
    from google.cloud import storage


class OfflineExtractor:
    """Looks at creatives in this process; nothing leaves it and nothing is paid.

    Attributes:
        name: offline.
        model: the version of models and rules together: raised when either changes what is found.
    """

    name = "offline"
    model = "offline-35"

    def __init__(self, project: str) -> None:
        self._project = project

    def extract(
        self,
        request: Extraction,
        features: type[BaseModel],
        earlier: Replies | None = None,  # noqa: ARG002 - nothing is said before the answer
    ) -> Answer:
        """What the creative at `request.uri` shows, as an instance of `features`; the raw answer is all that was found.

        What an animated picture shows has seconds, as a video's: it is told as `features` has it for videos.

        Raises:
            Rejected: when the object is gone or damaged, or `features` has a field that must be told and cannot be.
        """
        if request.kind is Kind.VIDEO:
            found = self._of_video(request)
        elif request.duration_s is None:
            found = self._of_image(request)
        else:
            found, features = self._of_animation(request), feature_models.model_for(Kind.VIDEO, features)
        return Answer(findings.fill(features, found), calls=(), raw=to_json(found).decode())

    def _of_image(self, request: Extraction) -> Findings:
        shown = Creatives(self._storage).read_image(request, "high")
        with Image.open(io.BytesIO(shown)) as picture:
            return findings.of_image(picture.convert("RGB"))

    def _of_animation(self, request: Extraction) -> Findings:
        from functions.extract.extractors.offline import footage

        return footage.of_animation(Creatives(self._storage).shown_scenes(request), request.duration_s or 0.0)

    def _of_video(self, request: Extraction) -> Findings:
        from functions.extract.extractors.offline import footage, video

        opened = objects.find_content(self._storage, request.uri, request.creative_id)
        with video.stream_of(opened, request.content_type) as stream:
            return footage.of_video(stream, request.duration_s or stream.declared_s or 0.0)

    @cached_property
    def _storage(self) -> "storage.Client":
        return clients.storage_client(self._project)
