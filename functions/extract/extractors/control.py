"""Whose fault a refusal is: services answer a bad request and a bad picture with the same words.

Before a creative is failed for a refusal, the same request is made once about a picture of our own. Where that is
refused as well, nothing is wrong with the creative.
"""

import threading
from collections.abc import Callable

from functions.extract.extractors.conversation import Turn
from shared import log
from shared.events import Kind
from shared.models.faults import MISCONFIGURED, LostReplyError, MisconfiguredError
from shared.reasons import Rejected

CLIP_TYPE = "video/mp4"


class Control:
    """What an instance knows of its own requests, one for each kind: they differ by kind in what they ask for.

    `ask` makes the request about a creative of our own; it raises `Rejected` when that is refused.
    """

    def __init__(self, model: str, ask: Callable[[Kind], object]) -> None:
        self._model = model
        self._ask = ask
        self._lock = threading.Lock()
        self._refused: dict[Kind, Rejected | None] = {}

    def watched(self, kind: Kind, call: Callable[[Turn], bytes]) -> Callable[[Turn], bytes]:
        """The call, after which it is known that a request about this kind is in order, whatever was found before."""

        def ask(turn: Turn) -> bytes:
            raw = call(turn)
            self.answered(kind)
            return raw

        return ask

    def answered(self, kind: Kind) -> None:
        """A request about this kind was answered, so that those that are refused from now on are so for themselves."""
        self._refused[kind] = None

    def judge(self, kind: Kind, refusal: Rejected) -> Exception:
        """What to raise of a refusal: itself, or that the request is at fault. Asks at the first one only."""
        with self._lock:
            if kind not in self._refused:
                self._refused[kind] = self._find_out(kind)
        if self._refused[kind] is None:
            return refusal
        return MisconfiguredError(f"{self._model} refuses every {kind}, one of our own as well: {refusal.detail}")

    def _find_out(self, kind: Kind) -> Rejected | None:
        try:
            self._ask(kind)
        except LostReplyError as lost:
            if not lost.begun:
                raise
            return None  # what is answered is in order, though the answer was lost
        except Rejected as refusal:
            said = f"{MISCONFIGURED}: it refuses our own creative too, so none is failed for it"
            log.error(said, stage="extract", model=self._model, kind=kind, why=refusal.detail)
            return refusal
        return None
