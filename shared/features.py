"""The feature models: what is asked about a creative, and so what an extractor answers and a row holds.

A model's docstrings, descriptions and enums are also what the language model is told, so they are written for it. The
setting `FEATURES=package.module:Model` swaps in another model: any Pydantic model built of str, int, float, bool,
Decimal, enums, models of those and lists of those, each field described and without a default. `FEATURES=taxonomy.yaml`
makes one of a file of data (shared/taxonomy). Where a video is asked more than an image, `FOR_VIDEOS` names the model
for videos. `VERSION` tells answers to one model apart from answers to its successor; a model without it is versioned by
its own schema.
"""

import hashlib
import json
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Context, Decimal
from enum import Enum, StrEnum
from functools import cache
from importlib import import_module
from types import NoneType, UnionType
from typing import Annotated, Any, ClassVar, TypeAliasType, Union, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, PlainSerializer, TypeAdapter, create_model
from pydantic.fields import FieldInfo

from shared.events import FeaturesExtracted, Kind, digits
from shared.settings import SettingsError


class FeatureModelError(SettingsError, ValueError):
    """The configured feature model cannot be used; the message says why and what to write instead."""


DEFAULT = "shared.features:ImageFeatures"
"""The name of the model that is asked about where FEATURES names no other."""


class ProductCategory(StrEnum):
    """The trade of what is advertised."""

    FASHION = "fashion"
    BEAUTY = "beauty"
    HEALTH = "health"
    FOOD = "food"
    DRINKS = "drinks"
    HOME = "home"
    ELECTRONICS = "electronics"
    SOFTWARE = "software"
    GAMES = "games"
    ENTERTAINMENT = "entertainment"
    TRAVEL = "travel"
    AUTOMOTIVE = "automotive"
    REAL_ESTATE = "real_estate"
    FINANCE = "finance"
    EDUCATION = "education"
    TELECOM = "telecom"
    SPORTS = "sports"
    CHILDREN = "children"
    PETS = "pets"
    RETAIL = "retail"
    SERVICES = "services"
    NON_PROFIT = "non_profit"
    OTHER = "other"


class Style(StrEnum):
    """How the creative is made."""

    PHOTO = "photo"
    ILLUSTRATION = "illustration"
    RENDER = "render"
    COLLAGE = "collage"
    SCREENSHOT = "screenshot"
    TYPOGRAPHY = "typography"
    MIXED = "mixed"


class Setting(StrEnum):
    """Where the scene takes place."""

    STUDIO = "studio"
    HOME = "home"
    WORKPLACE = "workplace"
    SHOP = "shop"
    RESTAURANT = "restaurant"
    CITY = "city"
    ROAD = "road"
    NATURE = "nature"
    EVENT = "event"
    OTHER = "other"


class Mood(StrEnum):
    """The feeling it conveys."""

    CALM = "calm"
    CHEERFUL = "cheerful"
    ENERGETIC = "energetic"
    ELEGANT = "elegant"
    ROMANTIC = "romantic"
    PLAYFUL = "playful"
    SERIOUS = "serious"
    URGENT = "urgent"
    INSPIRING = "inspiring"
    NEUTRAL = "neutral"


class Color(StrEnum):
    """A basic colour name."""

    BLACK = "black"
    WHITE = "white"
    GRAY = "gray"
    RED = "red"
    ORANGE = "orange"
    YELLOW = "yellow"
    GREEN = "green"
    TURQUOISE = "turquoise"
    BLUE = "blue"
    PURPLE = "purple"
    PINK = "pink"
    BROWN = "brown"
    BEIGE = "beige"


class Pace(StrEnum):
    """How fast a video is cut: slow is over 4 s a shot on average, fast is under 1.5 s."""

    SLOW = "slow"
    MEDIUM = "medium"
    FAST = "fast"


@dataclass(frozen=True)
class Quoted:
    """Says of a field that its text repeats what is printed on the creative, so that it can be looked for there."""


Quote = Annotated[str, Quoted()]
"""Text as it is printed on the creative."""


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True)


_Seconds = Annotated[float, Field(ge=0)]

CURRENCY_CODE = r"^[A-Z]{3}$"
"""How ISO 4217 writes currencies."""


class BrandLogo(_Part):
    """A logo or a brand's name set as its own mark."""

    brand: Quote = Field(description="Whose mark it is, spelled as on the mark where it has letters.")
    position: str | None = Field(description="Where it stands, e.g. top left, on the product.")


class Hook(_Part):
    """What the first three seconds show to catch the viewer."""

    text: Quote | None = Field(description="Words visible in the first 3 seconds, quoted; null when there are none.")
    description: str | None = Field(description="What happens in the first 3 seconds, in one sentence.")


class Scene(_Part):
    """One shot, or several that belong together."""

    start_s: float = Field(ge=0, description="Second at which it begins.")
    end_s: float = Field(ge=0, description="Second at which it ends.")
    text: Quote | None = Field(description="Words visible in it, quoted; null when there are none.")
    description: str | None = Field(description="What it shows, in one short sentence.")


class EndCard(_Part):
    """The closing picture with logo, offer or call to action."""

    start_s: float = Field(ge=0, description="Second at which it begins.")
    text: Quote | None = Field(description="Words visible on it, quoted; null when there are none.")


class ImageFeatures(_Part):
    """What an advertising image shows.

    Null means that the creative does not let one tell. False means that it was looked for and is not there: has_people
    is false when nobody is in the picture, and null when a blurred shape may or may not be a person. Quotes repeat the
    printed words exactly, in their own language, line breaks as spaces.
    """

    FOR_VIDEOS: ClassVar[type[BaseModel]]
    VERSION: ClassVar[str] = "1"

    product_type: str | None = Field(description="What is advertised, as a short English noun, e.g. running shoes.")
    product_category: ProductCategory | None = Field(description="The trade it belongs to.")
    brand: Quote | None = Field(description="The advertiser's brand, as the creative names it.")
    brand_logos: list[BrandLogo] | None = Field(max_length=10, description="Each logo visible; empty when none is.")
    has_text: bool | None = Field(description="Whether any words or numbers are readable.")
    text: Quote | None = Field(description="All readable words in reading order, quoted.")
    language: str | None = Field(
        pattern=r"^[a-z]{2}$", description="Language of the text as ISO 639-1, e.g. de; null without text."
    )
    has_promotion: bool | None = Field(description="Whether a price cut, a gift, a coupon or another deal is offered.")
    promotion_text: Quote | None = Field(description="The words that make the offer, quoted; null without a promotion.")
    discount_percent: float | None = Field(
        ge=0, le=100, description="The percentage off, the highest of several; null when no percentage is stated."
    )
    price: float | None = Field(
        ge=0, description="What the product costs now; null when no price or several products' prices are stated."
    )
    price_text: Quote | None = Field(description="The words that state this price, quoted; null without a price.")
    currency: str | None = Field(
        pattern=CURRENCY_CODE, description="Currency of the price as ISO 4217, e.g. EUR; null where it is ambiguous."
    )
    has_call_to_action: bool | None = Field(description="Whether the viewer is asked to do something, e.g. Shop now.")
    call_to_action: Quote | None = Field(description="The words of the main call to action, quoted; null without one.")
    car_brand: str | None = Field(description="Make of the main car shown or advertised; null when there is no car.")
    car_model: str | None = Field(description="Model of the main car; null when it cannot be made out.")
    has_people: bool | None = Field(description="Whether a real or drawn person is visible, also in part.")
    people_count: int | None = Field(ge=0, description="How many people are visible; null when they cannot be counted.")
    style: Style | None = Field(description="How the creative is made.")
    dominant_colors: list[Color] | None = Field(max_length=5, description="Up to 5 colours, the largest area first.")
    setting: Setting | None = Field(description="Where the scene takes place; null when there is no scene.")
    mood: Mood | None = Field(description="The feeling it conveys.")
    summary: str | None = Field(description="The whole ad in one English sentence of at most 30 words.")


class VideoFeatures(ImageFeatures):
    """What an advertising video shows and says.

    Null means that the creative does not let one tell. False means that it was looked for and is not there: has_music
    is false when the sound was heard and has no music. Quotes repeat the shown or spoken words exactly, in their own
    language. Seconds count from the start of the video and say where a claim can be checked.
    """

    VERSION: ClassVar[str] = "1"

    hook: Hook | None = Field(description="The first 3 seconds.")
    scenes: list[Scene] | None = Field(max_length=50, description="The scenes in order, without gaps.")
    first_brand_s: _Seconds | None = Field(description="Second at which the brand is first seen or heard.")
    promotion_s: _Seconds | None = Field(description="Second at which promotion_text is first seen or heard.")
    price_s: _Seconds | None = Field(description="Second at which price_text is first seen or heard.")
    call_to_action_s: _Seconds | None = Field(description="Second at which call_to_action is first seen or heard.")
    end_card: EndCard | None = Field(description="The closing card; null when the video ends without one.")
    has_voice_over: bool | None = Field(description="Whether an unseen speaker is heard.")
    has_music: bool | None = Field(description="Whether music is heard.")
    subtitles: bool | None = Field(description="Whether spoken words are also shown as captions.")
    transcript: str | None = Field(description="The spoken words; null when nobody speaks.")
    pace: Pace | None = Field(description="How fast it is cut.")


ImageFeatures.FOR_VIDEOS = VideoFeatures

HEARD = "has_voice_over", "has_music", "transcript"
"""What only a sound tells: null where nothing listened to it."""


def is_taxonomy(name: str) -> bool:
    """Whether a feature model's name is that of a taxonomy's file."""
    return name.endswith((".yaml", ".yml"))


def load(name: str) -> type[BaseModel]:
    """The feature model called `name`: as `package.module:Model`, or a taxonomy's file by its path or gs:// URI.

    Raises:
        FeatureModelError: when there is no such model, or a field of it cannot be asked for or stored.
    """
    if is_taxonomy(name):
        from shared.taxonomy import compiling

        return compiling.load(name)
    module_name, _, class_name = name.partition(":")
    if not (module_name and class_name):
        raise FeatureModelError(f"FEATURES={name!r}: write package.module:Model, e.g. shared.features:ImageFeatures")
    try:
        model = getattr(import_module(module_name), class_name)
    except (ImportError, AttributeError) as error:
        raise FeatureModelError(f"FEATURES={name!r}: {error}") from error
    if not (isinstance(model, type) and issubclass(model, BaseModel)):
        raise FeatureModelError(f"FEATURES={name!r}: {class_name} is not a Pydantic model")
    require_usable(model)
    return model


def require_usable(model: type[BaseModel]) -> None:
    """Returns when every field can be asked for and stored.

    Raises:
        FeatureModelError: naming the one that cannot.
    """
    _record(model)


def built_in_name(model: type[BaseModel], field: str) -> str:
    """What the built-in models call a field of this one; its own name where it is none of theirs."""
    names: Mapping[str, str] = getattr(model, "BUILT_IN", {})
    return names.get(field, field)


def name_of(model: type[BaseModel]) -> str:
    """What `load` takes to find `model` again."""
    return f"{model.__module__}:{model.__qualname__}"


def adapter(field: FieldInfo) -> TypeAdapter[Any]:
    """What checks one value of a field, constraints and all, and describes it as a JSON schema."""
    held: Any = Annotated[field.annotation, field]
    return TypeAdapter(held)


def verifiable_fields(model: type[BaseModel]) -> tuple[str, ...]:
    """Where answers to `model` quote the creative, as paths in a row: `price_text`, `scenes.text`."""
    return tuple(_quoting(model))


def _quoting(model: type[BaseModel]) -> Iterator[str]:
    for name, field in model.model_fields.items():
        if any(isinstance(each, Quoted) for each in (*field.metadata, *_markers(field.annotation))):
            yield name
        for leaf in leaves(field.annotation):
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                yield from (f"{name}.{path}" for path in _quoting(leaf))


def _markers(annotation: Any) -> Iterator[object]:  # noqa: ANN401
    """What is noted on the types a field is made of."""
    if isinstance(annotation, TypeAliasType):
        yield from _markers(annotation.__value__)
        return
    if get_origin(annotation) is Annotated:
        yield from annotation.__metadata__
    for argument in get_args(annotation):
        yield from _markers(argument)


def version_of(model: type[BaseModel]) -> str:
    """The model's `VERSION`; where it has none, 12 hex digits that change with its schema or its videos' schema."""
    declared = getattr(model, "VERSION", None)
    if isinstance(declared, str):
        return declared
    schemas = [model_for(kind, model).model_json_schema() for kind in Kind]
    return hashlib.sha256(json.dumps(schemas, sort_keys=True).encode()).hexdigest()[:12]


def model_for(kind: Kind, model: type[BaseModel]) -> type[BaseModel]:
    """The model a creative of this kind is asked with."""
    for_videos: type[BaseModel] = getattr(model, "FOR_VIDEOS", model)
    return for_videos if kind is Kind.VIDEO else model


@cache
def features_event(model: type[BaseModel]) -> type[FeaturesExtracted]:
    """The event of the `features` topic: a `FeaturesExtracted` whose `features` takes an answer of either kind.

    Raises:
        FeatureModelError: as `load` does.
    """
    description = "What the creative shows; fields that only the other kind has, and what cannot be told, are null."
    record: Any = Annotated[Union[_record(model), None], PlainSerializer(_published, when_used="json")]  # noqa: UP007
    column: Any = (record, Field(default=None, description=description))
    quoting: Any = (list[str], _quoting_fields(model))
    event: type[FeaturesExtracted] = create_model(
        FeaturesExtracted.__name__,
        __base__=FeaturesExtracted,
        __module__=FeaturesExtracted.__module__,
        __doc__=FeaturesExtracted.__doc__,
        features=column,
        quoting_fields=quoting,
    )
    return event


def _quoting_fields(model: type[BaseModel]) -> FieldInfo:
    """Where an answer of either kind quotes the creative: it stands in each row, so that nobody needs its model."""
    paths = dict.fromkeys(path for kind in Kind for path in verifiable_fields(model_for(kind, model)))
    described = FeaturesExtracted.model_fields["quoting_fields"].description
    return FieldInfo(default=list(paths), description=described)


@cache
def _record(model: type[BaseModel]) -> type[BaseModel]:
    """The fields of both kinds, all nullable: rows of images and videos fit into one table."""
    fields: dict[str, FieldInfo] = {}
    for asked in dict.fromkeys(model_for(kind, model) for kind in Kind):
        _check(asked, within=())
        for name, field in asked.model_fields.items():
            if fields.setdefault(name, field).annotation != field.annotation:
                raise FeatureModelError(f"{name_of(asked)}.{name}: has another type than in {name_of(model)}")
    columns: dict[str, Any] = {
        name: (Union[field.annotation, None], Field(default=None, description=field.description))  # noqa: UP007
        for name, field in fields.items()
    }
    record: type[BaseModel] = create_model(
        "Features", __config__=ConfigDict(frozen=True), __module__=model.__module__, __doc__=model.__doc__, **columns
    )
    return record


_SCALE = 9  # digits after the point in a NUMERIC column


def _published(answer: BaseModel | None) -> dict[str, object] | None:
    """An answer as a record of its table takes it, by the rules of BigQuery subscriptions.

    A list has to be there, though it may be empty; it holds no nulls; a number has digits only, as many as a column
    holds, or it is left out.
    """
    return None if answer is None else dict(_cells(answer))


def _cells(answer: BaseModel) -> Iterator[tuple[str, object]]:
    for name, field in type(answer).model_fields.items():
        value = getattr(answer, name)
        if value is None and is_list(field.annotation):
            value = []
        if (cell := _cell(value)) is not None:
            yield name, cell


def _cell(value: object) -> object:
    if isinstance(value, BaseModel):
        return dict(_cells(value))
    if isinstance(value, list):
        return [cell for each in value if (cell := _cell(each)) is not None]
    if isinstance(value, Decimal):
        return _numeric(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _numeric(value: Decimal) -> str | None:
    """A number as a NUMERIC column holds it: 29 digits before the point, 9 after it."""
    if not value.is_finite() or abs(value) >= 10**29:
        return None
    rounded = value.quantize(Decimal(10) ** -_SCALE, context=Context(prec=60))
    return digits(value if value == rounded else rounded)


def is_list(annotation: Any) -> bool:  # noqa: ANN401
    """Whether a list is what is meant, whatever aliases, constraints and `| None` are around it."""
    if isinstance(annotation, TypeAliasType):
        return is_list(annotation.__value__)
    origin = get_origin(annotation)
    if origin in (Annotated, Union, UnionType):
        return any(is_list(argument) for argument in get_args(annotation))
    return origin is list


_SCALARS = (str, int, float, bool, Decimal)


def _check(model: type[BaseModel], within: tuple[type[BaseModel], ...]) -> None:
    """Refuses what a language model cannot be asked for, or a table cannot hold."""
    if model in within:
        raise FeatureModelError(f"{name_of(model)}: a model cannot contain itself")
    for name, field in model.model_fields.items():
        where = f"{name_of(model)}.{name}"
        if not field.description:
            raise FeatureModelError(f"{where}: needs Field(description=...), which is what the language model is told")
        if not field.is_required():
            raise FeatureModelError(f"{where}: take its default away; write `| None` for what may not be visible")
        for leaf in leaves(field.annotation):
            if isinstance(leaf, type) and issubclass(leaf, BaseModel):
                _check(leaf, (*within, model))
            elif not (isinstance(leaf, type) and issubclass(leaf, (*_SCALARS, Enum))):
                raise FeatureModelError(f"{where}: {leaf} is none of str, int, float, bool, Decimal, enum, model, list")


def leaves(annotation: Any) -> Iterator[Any]:  # noqa: ANN401
    """The types a field is made of, without the lists, unions, aliases and constraints around them."""
    origin = get_origin(annotation)
    if isinstance(annotation, TypeAliasType):
        yield from leaves(annotation.__value__)
    elif origin is Annotated:
        yield from leaves(get_args(annotation)[0])
    elif origin in (list, Union, UnionType):
        for argument in get_args(annotation):
            if argument is not NoneType:
                yield from leaves(argument)
    else:
        yield annotation
