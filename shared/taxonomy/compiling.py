"""A taxonomy as a feature model: the same kind of Pydantic model that `shared.features` has, made from data."""

from collections.abc import Iterator, Mapping
from enum import StrEnum
from functools import cache, lru_cache
from pathlib import Path
from typing import Annotated, Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field, create_model

from shared import clients, features, objects, settings
from shared.events import Kind
from shared.features import ImageFeatures, Quote, VideoFeatures
from shared.taxonomy import definition, document
from shared.taxonomy.definition import Taxonomy
from shared.taxonomy.faults import Fault, TaxonomyError

_MODULE = "taxonomy"
_TOLD = (
    "What an advertising {} shows.\n\n"
    "Null means that the creative does not let one tell. False means that it was looked for and is not there. Quotes "
    "repeat the printed words exactly, in their own language, line breaks as spaces."
)


class Compiled(BaseModel):
    """What all feature models of taxonomies have.

    Attributes:
        FOR_VIDEOS: the model that videos are asked with.
        BUILT_IN: which built-in feature a field is, by the field's name.
    """

    model_config = ConfigDict(frozen=True)

    FOR_VIDEOS: ClassVar[type[BaseModel]]
    BUILT_IN: ClassVar[dict[str, str]]


def load(name: str) -> type[Compiled]:
    """The feature model of the taxonomy in a file, by its path or its gs:// URI: one and the same for one content.

    Raises:
        TaxonomyError: when there is no such file, or it cannot be used.
    """
    return _loaded(content(name), name.rpartition("/")[2])


@lru_cache(maxsize=16)
def _loaded(content: bytes, name: str) -> type[Compiled]:
    return compiled(definition.read(content, name))


def content(name: str) -> bytes:
    """The bytes of a taxonomy's file, by its path or its gs:// URI.

    Raises:
        TaxonomyError: when there is no such file.
    """
    if name.startswith("gs://"):
        return _stored(name)
    try:
        with Path(name).open("rb") as file:
            return file.read(document.MOST_BYTES + 1)
    except OSError as error:
        raise TaxonomyError(name, [Fault(1, f"it cannot be read: {error.strerror or error}")]) from error


@cache
def _stored(uri: str) -> bytes:
    """The bytes of an object, read once: whoever writes over it changes nothing that goes on here."""
    bucket, _, path = uri.removeprefix("gs://").partition("/")
    found = objects.read(clients.storage_client(settings.project()).bucket(bucket), path).content
    if found is None:
        raise TaxonomyError(uri, [Fault(1, "there is no such object")])
    return found


def compiled(taxonomy: Taxonomy) -> type[Compiled]:
    """The feature model; equal taxonomies are asked alike, whatever file they come from."""
    own = {field.name: _annotation(field) for field in taxonomy.fields}
    model = _model(taxonomy, own, Kind.IMAGE, ImageFeatures)
    model.FOR_VIDEOS = _model(taxonomy, own, Kind.VIDEO, VideoFeatures)
    for each in (model, model.FOR_VIDEOS):
        each.BUILT_IN = {name: before for before, name in taxonomy.built_in.items()}
    features.require_usable(model)
    return model


def _model(taxonomy: Taxonomy, own: Mapping[str, Any], kind: Kind, built_in: type[BaseModel]) -> type[Compiled]:
    columns = dict(_columns(taxonomy, own, kind, built_in))
    name = taxonomy.name if kind is Kind.IMAGE else f"{taxonomy.name}_of_videos"
    model: type[Compiled] = create_model(
        name, __base__=Compiled, __module__=_MODULE, __doc__=_TOLD.format(kind.value), **columns
    )
    return model


def _columns(
    taxonomy: Taxonomy, own: Mapping[str, Any], kind: Kind, built_in: type[BaseModel]
) -> Iterator[tuple[str, Any]]:
    for before, name in taxonomy.built_in.items():
        if field := built_in.model_fields.get(before):
            yield name, (field.rebuild_annotation(), Field(description=field.description))
    for asked in taxonomy.fields:
        if kind in asked.kinds:
            yield asked.name, (own[asked.name], Field(description=_told(asked)))


def _told(field: definition.Field) -> str:
    """What the model is told of a field: it knows of a quote only what is said here."""
    quoted = " Quoted exactly as printed." if field.evidence and "quote" not in field.description.lower() else ""
    return f"{field.description}{'' if field.description.endswith(('.', '!', '?')) else '.'}{quoted}"


def _annotation(field: definition.Field) -> Any:  # noqa: ANN401
    """The type of a field's values: null is always among them."""
    bounds: dict[str, Any] = {"ge": field.minimum, "le": field.maximum}
    text: Any = Quote if field.evidence else str
    match field.type:
        case "text":
            return text | None
        case "texts":
            return Annotated[list[text] | None, Field(max_length=field.most)]
        case "choice":
            return _enum(field) | None
        case "choices":
            listed: Any = list[_enum(field)]  # type: ignore[misc]
            return Annotated[listed | None, Field(max_length=field.most)]
        case "yes_no":
            return bool | None
        case "integer":
            whole: dict[str, Any] = {name: None if value is None else int(value) for name, value in bounds.items()}
            return Annotated[int | None, Field(**whole)]
        case "number":
            return Annotated[float | None, Field(**bounds)]


def _enum(field: definition.Field) -> Any:  # noqa: ANN401
    """The closed list of a choice, by the field's own name, which is the only one of that name."""
    members = {f"V{place}": value for place, value in enumerate(field.values)}
    return StrEnum(field.name, members, module=_MODULE)
