"""What people say at the page, checked and published as the command does: of features and matches, tags and notes."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from werkzeug.exceptions import BadRequest, Conflict, NotFound, UnprocessableEntity

from creatives.corrections import ruling, saying
from creatives.labels import labelling
from creatives.page.state import AppState
from shared import clients, corrections, stage
from shared.events import Correction, CreativeId, Event, Kind, Label, Override

_MOST_WORDS = 300  # more than any creative has features
_MOST_LABELS = 500


type _Note = Annotated[str | None, Field(max_length=2000)]


type _Scalar = str | int | float | bool | None
type _Record = dict[str, _Scalar]


class _Sent(BaseModel):
    """What is said of a creative, as the page sends it."""

    model_config = ConfigDict(extra="forbid", strict=True)

    creative_id: CreativeId


class _Word(_Sent):
    """A word on a feature."""

    field: Annotated[str, Field(max_length=300)]
    action: saying.Action
    value: _Scalar | list[str] | _Record | list[_Record] = None
    note: _Note = None


class _Ruling(_Sent):
    """A word on a match."""

    action: Literal["split", "merge", "reset"]
    canonical_id: CreativeId | None = None
    note: _Note = None


class _Label(_Sent):
    """A tag or a note."""

    kind: labelling.Kind
    text: str
    action: labelling.Action = "add"


def corrected(state: AppState, sent: object) -> object:
    """A person's words on features, one or a list of them, as the command publishes them: all or none.

    Refused where the feature model does not allow one, and where what is confirmed is not what stands there.
    """
    said = sent if isinstance(sent, list) else [sent]
    if not said or len(said) > _MOST_WORDS or not all(isinstance(each, dict) for each in said):
        raise BadRequest(
            f'send {{"creative_id": …, "field": …, "action": "correct", "confirm" or "reset", "value": …}}, '
            f"or a list of up to {_MOST_WORDS}"
        )
    try:
        events = _words(state, [_Word.model_validate(each) for each in said])
        told = [None if word.action == "reset" else _meant(state, word) for word in events]
        confirmed = [word for word in events if word.action == "confirm"]
        saying.require_standing(state.dataset.tables, state.model, confirmed)
    except ValidationError as error:
        raise BadRequest(stage.explain(error)) from error
    except corrections.NotAllowedError as error:
        # The feature stands beside what is refused there.
        alone = next(iter(said)) if len(said) == 1 else None
        field = alone.get("field") if isinstance(alone, dict) else None
        raise UnprocessableEntity(str(error).removeprefix(f"{field}: ")) from error
    except saying.StandsOtherwiseError as error:
        raise Conflict(str(error)) from error
    _publish(state, events)
    answers = [{**word.model_dump(mode="json"), "told": each} for word, each in zip(events, told, strict=True)]
    return answers if isinstance(sent, list) else answers[0]


def _words(state: AppState, said: Sequence[_Word]) -> list[Correction]:
    """The words as events, each checked by what its creative is."""
    kinds = _kinds(state, {each.creative_id for each in said})
    return [
        saying.word(state.model, kinds[e.creative_id], e.creative_id, e.field, e.action, e.value, e.note) for e in said
    ]


def _meant(state: AppState, word: Correction) -> object:
    return corrections.meant(state.model, word.field, word.value)


def ruled(state: AppState, sent: object) -> object:
    """A person's word on what a creative is to another: split, merge, or reset, which takes either back."""
    if not isinstance(sent, dict):
        raise BadRequest('send {"creative_id": …, "action": "split", "merge" or "reset", "canonical_id": …}')
    try:
        said = _Ruling.model_validate(sent)
        word = saying.event(Override, **said.model_dump())
    except ValidationError as error:
        raise BadRequest(stage.explain(error)) from error
    named = {each for each in (said.creative_id, said.canonical_id) if each}
    _kinds(state, named)
    try:
        ruling.require_no_circle(word, ruling.matches(state.dataset.tables, sorted(named)))
    except ruling.CircleError as error:
        raise UnprocessableEntity(str(error)) from error
    _publish(state, [word])
    return word.model_dump(mode="json")


def labelled(state: AppState, sent: object) -> object:
    """A person's tag or note on a creative, or that it is taken off; or a list of such words: all or none."""
    said = sent if isinstance(sent, list) else [sent]
    if not said or len(said) > _MOST_LABELS or not all(isinstance(each, dict) for each in said):
        raise BadRequest(
            'send {"creative_id": …, "kind": "tag" or "note", "text": …, "action": "add" or "remove"}, '
            f"or a list of up to {_MOST_LABELS}"
        )
    try:
        labels = [_label(_Label.model_validate(each)) for each in said]
    except ValidationError as error:
        raise BadRequest(stage.explain(error)) from error
    except labelling.UnfitLabelError as error:
        raise UnprocessableEntity(str(error)) from error
    _kinds(state, {label.creative_id for label in labels})
    _publish(state, labels)
    answers = [label.model_dump(mode="json") for label in labels]
    return answers if isinstance(sent, list) else answers[0]


def _label(said: _Label) -> Label:
    return labelling.label(said.creative_id, said.kind, said.text, said.action)


def _kinds(state: AppState, creative_ids: set[str]) -> Mapping[str, Kind]:
    kinds = saying.kinds(state.dataset.tables, sorted(creative_ids))
    if not creative_ids <= kinds.keys():
        raise NotFound("no such creative: it has not been compared with others")
    return kinds


def _publish(state: AppState, said: Sequence[Event]) -> None:
    clients.publish(state.dataset.client.project, said, state.publisher)
    state.report.forget()
