"""A taxonomy asked of a few creatives: nothing of it is kept, and nothing is deployed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.cloud import storage
from pydantic import BaseModel

from creatives.extraction import evaluation
from creatives.extraction.evaluation import NoAnswerError
from functions.extract.extractors.extractor import Extractor, Unanswered
from shared import features
from shared.models.usage import Usage
from shared.reasons import Rejected


@dataclass(frozen=True)
class Tried:
    """What was said of a creative.

    Attributes:
        answer: by field; None where there is none.
        rejected: why there is none.
        unusable: fields whose answer could not be used.
        usage: what it took; None where nothing is paid for.
    """

    file: Path
    answer: dict[str, Any] | None
    rejected: str | None = None
    unusable: Sequence[str] = ()
    usage: Usage | None = None


def tried(
    extractor: Extractor, files: Sequence[Path], bucket: storage.Bucket, model: type[BaseModel]
) -> Iterator[Tried]:
    """The answers, one after the other.

    Raises:
        LabelError: for a file that is neither an image nor a video.
        NoAnswerError: when the extractor fails for another reason than a creative.
    """
    for file in files:
        request = evaluation.stored_in(bucket, file.parent)(file.name)
        try:
            answer = extractor.extract(request, features.model_for(request.kind, model))
        except Rejected as rejection:
            usage = rejection.usage if isinstance(rejection, Unanswered) else None
            yield Tried(file, None, str(rejection), usage=usage)
        except Exception as error:
            raise NoAnswerError(f"{file}: {extractor.name} did not answer: {error}") from error
        else:
            yield Tried(file, answer.features.model_dump(mode="json"), None, answer.unusable, answer.usage)
