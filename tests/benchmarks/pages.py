"""The figures that a page of the documentation quotes."""

from collections.abc import Iterator


def cells(page: str, head: str, named_by: int = 2) -> Iterator[tuple[str, ...]]:
    """Of each row of the table whose head begins so, the cells behind those that name it."""
    _, _, below = page.partition(head)
    rows, _, _ = below.partition("\n\n")
    for row in rows.splitlines()[2:]:
        yield tuple(cell.strip() for cell in row.strip("|").split("|"))[named_by:]
