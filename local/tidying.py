"""The local BigQuery's files: made of small blocks, and put in order when its server ends.

DuckDB gives each column of each table a block at least, and DuckLake has thirty tables of what it knows about ours: in
blocks of 256 KB those are 4.3 MB after a hundred inserts, in blocks of 16 KB .5 MB, and take no longer. Each insert
makes a file, of 20 KB for one row, and of each 1.3 ms are spent whenever its table is read: many are put into one. What
queries have told nobody asks for once the server has ended; written down it would be as much as all tables are.
"""

import logging
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import TYPE_CHECKING

from local.statements import lake_of, statement

if TYPE_CHECKING:
    import duckdb

_log = logging.getLogger(__name__)

type Cursor = Callable[[], AbstractContextManager["duckdb.DuckDBPyConnection"]]


def make_files(files: Iterable[Path]) -> None:
    """Makes those of the databases that are not there yet, of small blocks."""
    import duckdb

    for file in files:
        if not file.exists():
            file.parent.mkdir(parents=True, exist_ok=True)
            with duckdb.connect() as maker:
                maker.execute(statement("small_blocks", file=str(duckdb.ConstantExpression(str(file)))))


def tidy(cursor: Cursor, lakes: Iterable[str]) -> None:
    """Puts the files in order; nobody asks any more. What fails stays as it is: the next server reads that as well."""
    import duckdb

    every = [statement("no_results") + statement("checkpoint", database="emulator")]
    every += [
        statement("one_file_each", lake=str(duckdb.ConstantExpression(lake)))
        + statement("checkpoint", database=lake_of(lake))
        for lake in lakes
    ]
    for statements in every:
        try:
            with cursor() as within:
                within.execute(statements)
        except duckdb.Error as error:
            _log.warning("files are left as they are: %s", error)
