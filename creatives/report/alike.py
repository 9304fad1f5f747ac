"""What is like each creative of a report, and like what anybody may look for, for a page that has no server to ask.

The page cannot run the model that knows what words mean. What ads commonly sell can be named in five languages
(creatives/agents/glossary.csv): of each of these things it is written into the report what is near to it.
"""

from creatives.agents import glossary
from creatives.agents.meaning import Features, Vectors
from creatives.report.model import Creative, Named, ReportData
from shared.events import MatchKind

MOST = 6
"""Of each creative: as many as the page shows."""

MOST_NAMED = 24
"""Of each thing: as many as the page of `creatives up` is told."""

_LOOKED_AT = 4 * MOST  # its own versions are among them, which the page lists anyhow


def says(report: ReportData) -> dict[str, Features]:
    """What the creatives of a report say, by their ids: of copies nothing, they say what their originals do."""
    return {
        each.creative_id: each.features
        for each in report.creatives
        if each.features is not None and each.match != MatchKind.DUPLICATE
    }


def with_alike(report: ReportData, vectors: Vectors) -> ReportData:
    """The report with `alike` of each creative that has a vector: others than its own versions, the nearest first."""
    places = {each.creative_id: place for place, each in enumerate(report.creatives)}
    near = vectors.neighbours(list(says(report)), _LOOKED_AT)

    def found(creative: Creative) -> Creative:
        if creative.creative_id not in near:
            return creative
        others = [places[other] for other in near[creative.creative_id]]
        apart = [place for place in others if not _is_version(report.creatives[place], creative)]
        return creative.model_copy(update={"alike": tuple(apart[:MOST])})

    return report.model_copy(update={"creatives": tuple(map(found, report.creatives))})


def with_named(report: ReportData, vectors: Vectors) -> ReportData:
    """The report with what it finds by the names of things, of creatives that have a vector; as it is without any."""
    some = vectors.of_some(list(says(report)))
    if not len(some.ids):
        return report
    places = {each.creative_id: place for place, each in enumerate(report.creatives)}
    near = [[(places[i], round(100 * cosine)) for i, cosine in each] for each in some.by_things(MOST_NAMED)]
    found = [number for number, each in enumerate(near) if each]
    numbers = {number: nth for nth, number in enumerate(found)}
    names = {name: tuple(numbers[n] for n in things if n in numbers) for name, things in glossary.names().items()}
    told = Named(names={name: n for name, n in names.items() if n}, near=tuple(tuple(near[n]) for n in found))
    return report.model_copy(update={"named": told})


def _is_version(one: Creative, other: Creative) -> bool:
    return one.family_id is not None and one.family_id == other.family_id
