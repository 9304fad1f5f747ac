"""What is like each creative of a report, for a page that has no server to ask."""

from creatives.agents.meaning import Features, Vectors
from creatives.report.model import Creative, ReportData
from shared.events import MatchKind

MOST = 6
"""Of each creative: as many as the page shows."""

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


def _is_version(one: Creative, other: Creative) -> bool:
    return one.family_id is not None and one.family_id == other.family_id
