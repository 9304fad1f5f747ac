"""What is like a creative by the vectors that `embed` has made: they are in the dataset, and nobody is asked."""

from pathlib import Path

from google.cloud import bigquery

from creatives.operations.tables import Tables


def like(tables: Tables, creative_id: str, most: int) -> list[tuple[str, float]]:
    """The ids of those like a creative or what it is a copy of, and how much; none where it has no vector.

    Raises:
        GoogleAPIError: the client's, when the dataset cannot be read.
    """
    rows = tables.within(Path(__file__).parent).ask(
        "like", creative_id=bigquery.ScalarQueryParameter("creative_id", "STRING", creative_id), most=most
    )
    return [(row["creative_id"], row["likeness"]) for row in rows]
