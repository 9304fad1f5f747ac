"""A Cloud Storage notification (JSON_API_V1): an object was finalized, and this is its metadata.

Its fields: https://docs.cloud.google.com/storage/docs/json_api/v1/objects (read in November 2026).
"""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, NonNegativeInt, PositiveInt, ValidationError
from pydantic.alias_generators import to_camel
from pydantic_core import from_json

from shared import identity, refusals
from shared.reasons import Reason, Rejected
from shared.refusals import Refusal
from shared.stage import Message, explain

FETCHED_FOLDER = "fetched/"
"""Where `fetch` keeps what it downloads, each object named by its content's id."""

Text = Annotated[str, Field(min_length=1)]


class Upload(BaseModel):
    """An object that was stored in a bucket.

    Attributes:
        message_id: of the notification.
        generation: grows each time that other content is stored under the same name.
        size: in bytes.
        md5_hash: base64; None for composed objects.
        crc32c: base64.
        time_created: when this generation was stored.
        metadata: what the uploader attached.
    """

    model_config = ConfigDict(frozen=True, alias_generator=to_camel, extra="ignore")

    message_id: Text
    bucket: Text
    name: Text
    generation: PositiveInt
    size: NonNegativeInt
    md5_hash: Annotated[str, Field(pattern=r"^[A-Za-z0-9+/]{22}==$")] | None = None
    crc32c: Annotated[str, Field(alias="crc32c", pattern=r"^[A-Za-z0-9+/]{6}==$")]
    time_created: AwareDatetime = Field(default_factory=lambda: datetime.now(UTC))
    metadata: dict[str, str] = {}

    @property
    def uri(self) -> str:
        """The object's gs:// URI."""
        return f"gs://{self.bucket}/{self.name}"

    @property
    def ad_id(self) -> str:
        """The ad it is for: as the uploader says in the object's metadata, else the object's name."""
        return self.metadata.get("ad_id") or self.name

    @property
    def refusal(self) -> Refusal | None:
        """Why the file was not taken, where the object stands for one of no use."""
        return refusals.read(self.metadata)

    @property
    def event_id(self) -> str:
        """What follows the chain through the logs: begun here, or by `fetch`, which attaches it to the object."""
        return self._attached("event_id") or self.message_id

    @property
    def batch_id(self) -> str | None:
        """The batch that `fetch` stored it for; None for an upload."""
        return self._attached("batch_id")

    def _attached(self, name: str) -> str | None:
        return self.metadata.get(name) if self.name.startswith(FETCHED_FOLDER) else None

    @property
    def is_folder(self) -> bool:
        """Whether it is the empty object by which consoles show a folder."""
        return self.name.endswith("/") and self.size == 0

    @property
    def creative_id(self) -> str | None:
        """The content's id; None where it takes reading to know it (composed objects)."""
        return identity.from_checksums(self.md5_hash, self.crc32c) if self.md5_hash else None

    def is_fetched(self, creative_id: str) -> bool:
        """Whether `fetch` stored it, and has said which ads use it; a name alone that starts like one is not enough."""
        return self.name == f"{FETCHED_FOLDER}{creative_id}"


def parse(message: Message) -> Upload:
    """The upload that a notification tells of.

    Raises:
        Rejected: when the message is no notification.
    """
    try:
        return Upload.model_validate({**from_json(message.data), "messageId": message.message_id})
    except ValidationError as error:
        raise Rejected(Reason.MALFORMED_MESSAGE, f"not a Cloud Storage notification: {explain(error)}") from error
    except (ValueError, TypeError) as error:
        raise Rejected(Reason.MALFORMED_MESSAGE, "not a Cloud Storage notification: no JSON object") from error
