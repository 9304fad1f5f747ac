"""Files that are known to be of no use before they are stored: locked, damaged, too large once unpacked.

In its place a few bytes that say so come into the bucket: its ad is counted, and fails like others.
"""

from collections.abc import Mapping
from dataclasses import dataclass

from shared.reasons import Reason

_REASON, _DETAIL = "refused", "refused_because"
_DETAIL_CHARS = 500  # an object's metadata hold 8 KiB


@dataclass(frozen=True)
class Refusal:
    """Why a file is not taken.

    Attributes:
        reason: of those that ads fail for.
        detail: what was found.
    """

    reason: Reason
    detail: str

    def content(self, ad_id: str) -> bytes:
        """What is stored in the file's place; no other ad's is the same."""
        return f"{ad_id}: {self.reason}, {self.detail}\n".encode("utf-8", "replace")

    @property
    def metadata(self) -> dict[str, str]:
        """What the object tells of itself; `read` has it back."""
        return {_REASON: self.reason, _DETAIL: self.detail[:_DETAIL_CHARS]}


def read(metadata: Mapping[str, str]) -> Refusal | None:
    """The refusal that an object tells of; None where it is a file like others."""
    reason = metadata.get(_REASON)
    return Refusal(Reason(reason), metadata.get(_DETAIL, "")) if reason in set(Reason) else None
