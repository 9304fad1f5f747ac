"""A conversation about one creative, whichever service it is held with: one call, and a second one where that may help.

What a service sends is kept before anything looks into it. So whatever a model writes, and whatever that does to what
reads it, a creative costs at most two calls however often its event is delivered. A call whose reply was lost counts
as one of them, since it may have been paid for.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from enum import StrEnum

from pydantic import BaseModel

from functions.extract.extractors import mending, prompt
from functions.extract.extractors.extractor import Answer, Replies, Unanswered
from functions.extract.extractors.mending import Filled, UnusableError
from functions.extract.settings import ExtractSettings
from shared.events import Kind
from shared.models.faults import LostReplyError
from shared.models.usage import Call
from shared.reasons import Reason, Rejected

TURNS = 2
"""Calls for one creative at most: the second one is there to mend the first one's answer."""

_VIDEO_FACTOR = 4  # scenes and a transcript are longer than what is said of an image
_CUT_OFF_FACTOR = 4
_MOST_OUTPUT = 65_536
_QUOTED = 20_000  # characters of an unusable answer that are sent back to be mended


class Fault(StrEnum):
    """Why a reply is not an answer."""

    BLOCKED = "blocked"
    RECITED = "recited"
    TRUNCATED = "truncated"
    EMPTY = "empty"
    INVALID = "invalid"


_REASONS = {Fault.BLOCKED: Reason.BLOCKED_BY_MODEL, Fault.RECITED: Reason.RECITATION}


@dataclass(frozen=True)
class NoAnswer:
    """A reply that cannot be used.

    Attributes:
        fault: of which kind.
        detail: what is wrong, in words that fit into a failure row and into a repair turn.
    """

    fault: Fault
    detail: str


@dataclass(frozen=True)
class Reply:
    """What one call brought, whichever service sent it.

    Attributes:
        text: the answer.
        call: what it took.
        fault: why the text is not worth reading, where the service says so.
    """

    text: str
    call: Call
    fault: NoAnswer | None = None


@dataclass(frozen=True)
class Turn:
    """One call: what was said since the creative was shown, and the most that the model may say.

    Attributes:
        output_limit: tokens, thoughts included.
        given: an earlier answer that could not be used, and what is wrong with it.
    """

    output_limit: int
    given: tuple[str, str] | None = None


def first_turn(kind: Kind, settings: ExtractSettings) -> Turn:
    """The creative alone: what to do with it is in the system instruction."""
    limit = settings.max_output_tokens * (_VIDEO_FACTOR if kind is Kind.VIDEO else 1)
    return Turn(min(limit, _MOST_OUTPUT))


def next_turn(turn: Turn, reply: Reply, verdict: NoAnswer) -> Turn | None:
    """What to ask after a reply that is no answer; `None` where asking again is of no use."""
    match verdict.fault:
        case Fault.BLOCKED:
            return None
        case Fault.TRUNCATED:
            return replace(turn, output_limit=min(turn.output_limit * _CUT_OFF_FACTOR, _MOST_OUTPUT))
        case Fault.INVALID:
            return replace(turn, given=(mending.whole(reply.text[:_QUOTED]), verdict.detail))
    return turn


def repair(faults: str) -> str:
    """What the model is told of an answer that could not be used."""
    return prompt.REPAIR.format(faults=faults)


def converse(
    turn: Turn,
    features: type[BaseModel],
    earlier: Replies,
    ask: Callable[[Turn], bytes],
    read: Callable[[bytes], Reply],
    rest: Callable[[], object] = lambda: None,
) -> Answer:
    """The answer that the turns lead to.

    Args:
        turn: the first one.
        features: the model to fill in.
        earlier: replies that were paid for before; each new one is kept there before it is read.
        ask: sends a turn and returns the reply as it came.
        read: what a reply says, whatever it is made of.
        rest: waits, after a reply was lost, until the network may be better.

    Raises:
        Rejected: when the creative is refused; `Unanswered` when that or an answer of no use was paid for.
    """
    calls: list[Call] = []
    while True:
        kept = earlier.said[len(calls)] if len(earlier.said) > len(calls) else None
        raw = kept if kept is not None else _asked(turn, calls, earlier, ask, rest)
        reply = read(raw)
        calls.append(reply.call)
        verdict = judge(reply, features)
        if isinstance(verdict, Filled):
            return Answer(verdict.features, tuple(calls), mending.whole(reply.text), verdict.unusable)
        following = next_turn(turn, reply, verdict)
        if following is None or len(calls) + earlier.lost >= TURNS:
            raise unanswered(verdict, reply, calls, raw)
        turn = following


def _asked(
    turn: Turn, calls: list[Call], earlier: Replies, ask: Callable[[Turn], bytes], rest: Callable[[], object]
) -> bytes:
    """The reply to a turn, kept; asked for once more where it was lost, if a call is left for that."""
    why = "at earlier deliveries"
    while earlier.calls < TURNS:
        try:
            raw = ask(turn)
        except LostReplyError as fault:
            earlier.lose()
            why = str(fault)
            if earlier.calls < TURNS:
                rest()
        except Rejected as refusal:
            if not earlier.calls:
                raise
            raise Unanswered.after(refusal, calls, earlier) from refusal
        else:
            earlier.add(raw)
            return raw
    detail = f"{earlier.lost} of {earlier.calls} calls brought no whole reply and may have been paid for: {why}"
    raise Unanswered.after(Rejected(Reason.REPLY_LOST, detail), calls, earlier)


def judge(reply: Reply, features: type[BaseModel]) -> Filled | NoAnswer:
    """The answer in a reply, or what it is instead."""
    if reply.fault:
        return reply.fault
    try:
        return mending.fill(reply.text, features)
    except UnusableError as error:
        return NoAnswer(Fault.INVALID, mending.whole(str(error)))


def unanswered(verdict: NoAnswer, reply: Reply, calls: list[Call], raw: bytes) -> Unanswered:
    """The rejection of a creative whose last reply is no answer."""
    said = mending.whole(reply.text) or raw.decode(errors="replace")
    return Unanswered(_REASONS.get(verdict.fault, Reason.INVALID_ANSWER), verdict.detail, calls=calls, raw=said)
