"""BigQuery on this machine: local-bigquery (DuckDB behind the real REST API), its tables in the data folder.

DuckDB would download extensions on its first start. Two of them come from wheels instead; the third, 80 MB for
geography, which nothing here asks about, is left out. So nothing is downloaded.

SQL reaches files, by DuckDB's functions as by BigQuery's statements. Here it reaches the server's own folder and the
objects of the local Cloud Storage, and nothing else: a query may come from somebody's notebook.
"""

import argparse
import logging
import re
import signal
import sys
import tempfile
import threading
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx2

from local import access, arrays, asking, doors, ending, garbage, names, partitions, ports, processes, scalars, tidying
from local.jobs import Answers, Jobs, Table
from local.kept_views import KeptViews
from local.query_cache import Lakes, QueryCache, kept_columns
from local.statements import lake_of, quoted, statement
from local.translations import Translations, marked
from shared import wiring
from shared.settings import emulator_host

if TYPE_CHECKING:
    import duckdb

_log = logging.getLogger(__name__)

EXTENSIONS = ("icu", "ducklake")

_NOT_WORTH_IT = ("statistics_propagation", "cte_inlining", "common_subplan", "join_order")
"""What DuckDB would look for in vain: half of the 0.5 s that `ads_enriched` takes of empty tables, and no gain
at 20,000 ads, nor at 100,000.
"""

_THREADS = 1
"""That run one query: planning a view takes longer than running it, and several that share so little cost a fourth of
its processor time. Queries of several clients run beside one another all the same.
"""

_OF_ONE_DATASET = "duckdb_schemas() WHERE database_name = ? AND schema_name = ?"
"""How the question ends by which local-bigquery 0.3.2 asks whether there is one."""

type TableOrView = tuple[str, str, int]
"""Its name, TABLE or VIEW, and its rows as they are estimated."""

type Fetch = Callable[..., list[Any]]
"""How it asks DuckDB: the rows of a query, and of its parameters if it has any."""

type Objects = Callable[[str, str, str | None], list[TableOrView]]
"""How local-bigquery lists a project's dataset, or one table or view of it."""

type Written = Callable[[Any, Any], str]
"""How sqlglot writes a function for DuckDB: with its generator, from the function's node."""

type Described = Callable[..., Any]
"""How local-bigquery describes a table of a project's dataset."""

type Run = Callable[..., Any]
"""How local-bigquery writes the rows of a query to a table: with a cursor, the query, its parameters, and where to."""


def serve(data: Path, project: str, port: int, grpc_port: int) -> processes.Server:
    """Starts the server on `port` of this machine, its tables in `data/bigquery`, where a later start finds them again.

    A client reaches it by `BIGQUERY_EMULATOR_HOST=http://127.0.0.1:<port>`. It loads `gs://` files from `data/gcs`,
    the folder of the local Cloud Storage.

    Raises:
        ServerError: when it does not answer in time.
    """
    folder = data / "bigquery"
    socket = doors.socket_path(folder, "bigquery")
    options = {"port": port, "grpc-port": grpc_port, "socket": socket, "project": project, "data-dir": folder}
    server = processes.start(
        "bigquery",
        [sys.executable, "-m", "local.bigquery", *(f"--{name}={value}" for name, value in options.items())],
        log_folder=data / "logs",
        env={"HOME": str(folder / "home"), "GCS_LOCAL_ROOT": str(data / "gcs"), "PYTHONPATH": str(wiring.ROOT)},
        listens_on=(port, grpc_port),
        socket=socket,
    )
    return processes.wait_until_ready(server, lambda: _answers(port, project, folder))


def _answers(port: int, project: str, folder: Path) -> bool:
    """Whether it lists datasets, for which it has opened its database.

    Raises:
        ServerError: when it cannot open it.
    """
    if not processes.accepts_connections(port):
        return False
    url = f"http://{access.HOST}:{port}/bigquery/v2/projects/{project}/datasets"
    with asking.client(processes.START_LIMIT_S) as client:
        response = client.get(url)
    if response.is_error:
        raise processes.ServerError(
            f"bigquery cannot open its tables in {folder}: {_said(response)}. If they are damaged, keep the data "
            "folder aside and run the command with another, by --data"
        )
    return True


def _said(response: httpx2.Response) -> str:
    """What the server says of a fault, on one line and without what the API wraps it in."""
    try:
        said = str(response.json()["error"]["message"])
    except (ValueError, LookupError, TypeError):
        said = response.text
    return " ".join(said.split()).rstrip(".")


def _link_extensions(home: Path) -> None:
    """Puts the wheels' extensions where DuckDB looks for those it has downloaded."""
    import duckdb

    (platform,) = duckdb.execute("PRAGMA platform").fetchone() or ("",)
    version = f"v{duckdb.__version__}"
    for name in EXTENSIONS:
        file = f"{name}.duckdb_extension"
        shipped = Path(str(files(f"duckdb_extension_{name}"))) / "extensions" / version / file
        _link(home / ".duckdb" / "extensions" / version / platform / file, shipped)


def _link(link: Path, target: Path) -> None:
    link.parent.mkdir(parents=True, exist_ok=True)
    link.unlink(missing_ok=True)  # the environment or the data folder may have moved since
    link.symlink_to(target.resolve())


def main() -> None:
    """The server process."""
    parser = argparse.ArgumentParser(prog="python -m local.bigquery", description=__doc__)
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--grpc-port", type=int, required=True, help="of the Storage Read and Write APIs")
    parser.add_argument("--socket", type=Path, required=True, help="where those listen, behind that port's door")
    parser.add_argument("--project", required=True)
    parser.add_argument("--data-dir", type=Path, required=True)
    _run(parser.parse_args())


def _run(options: argparse.Namespace) -> None:
    garbage.collect_seldom()
    _without_pandas()
    import uvicorn
    from local_bigquery import app  # type: ignore[import-untyped]
    from local_bigquery.engine import database  # type: ignore[import-untyped]
    from local_bigquery.settings import settings  # type: ignore[import-untyped]

    settings.data_dir, settings.default_project_id = options.data_dir, options.project
    translations = _adapt(options.data_dir, settings.gcs_local_root, options.project)
    storage = _StorageApis(options.socket, translations)
    door = doors.grpc_in_thread(options.grpc_port, options.socket, storage.start)
    # Headers of a proxy are believed by uvicorn from everybody on this machine: then they say who is connected.
    # Its reader that tells a request's target as it came is h11's.
    guarded = access.guarded_asgi(app, options.port)
    rest = uvicorn.Server(uvicorn.Config(guarded, proxy_headers=False, http="h11"))
    signal.signal(signal.SIGTERM, lambda *_: None)  # uvicorn ends by it, and then sends it again
    rest.run(sockets=[ports.bound(options.port)])
    door.close()
    storage.stop()
    if rest.started:
        tidying.tidy(database.cursor, database._attached)
    ending.end(0 if rest.started else 1)


class _StorageApis:
    """The Storage Read and Write APIs, which start when somebody connects: what they import takes a sixth of a start,
    and hardly anybody asks them.
    """

    def __init__(self, socket: Path, translations: Translations) -> None:
        self._socket = socket
        self._translations = translations
        self._lock = threading.Lock()
        self._server: Any = None

    def start(self) -> None:
        """Returns once they listen on the socket."""
        with self._lock:
            if self._server is None:
                from local_bigquery.grpc import read, server  # type: ignore[import-untyped]
                from local_bigquery.sql import translate  # type: ignore[import-untyped]

                read.translate = self._translations.writing(translate.translate)
                self._server, _ = server.start("unix", self._socket)

    def stop(self) -> None:
        """Ends them, if they were started."""
        with self._lock:
            if self._server:
                self._server.stop(None).wait()


def _without_pandas() -> None:
    """Has DuckDB told at once that pandas is not here: it asks some twenty times a request, and Python looks in all
    folders again for what it has not found, a tenth of what a small query takes.
    """
    sys.modules.setdefault("pandas", None)  # type: ignore[arg-type]  # how the language says that there is no such module


def _adapt(folder: Path, objects_folder: Path, project: str) -> Translations:
    """Makes local-bigquery what this pipeline needs, and gives the translations that its jobs keep."""
    from local_bigquery import models
    from local_bigquery.catalog import metadata, tabledata, tables  # type: ignore[import-untyped]
    from local_bigquery.engine import database
    from local_bigquery.jobs import extract, query, storage, store  # type: ignore[import-untyped]
    from local_bigquery.sql import dialect, rules
    from local_bigquery.sql.rules import information_schema  # type: ignore[import-untyped]
    from sqlglot import exp

    dialect.FUNCTIONS[:] = [path for path in dialect.FUNCTIONS if path.stem != "geography"]
    transforms = dialect.DuckDBDialect.Generator.TRANSFORMS
    transforms[exp.JSONExtractArray] = _null_where_it_does_not_fit(transforms[exp.JSONExtractArray])
    for kind in (exp.JSONExtract, exp.JSONExtractArray):
        transforms[kind] = _null_where_it_is_no_json(transforms[kind])
    transforms[exp.JSONExtractScalar] = _called("_json_value")
    transforms[exp.JSONValueArray] = _called("_json_value_array")
    transforms[exp.IntDiv] = _in_brackets("//")
    rules.NODE_RULES.insert(0, _written_as_text)
    rules.STATEMENT_RULES[:] = [*arrays.BEFORE, *scalars.RULES, *rules.STATEMENT_RULES, arrays.named]
    database.fetch = _of_the_lake(database.fetch, database._attached)
    database.objects = _listed(database.objects, database.fetch)
    lakes = Lakes(database.fetch, database._attached)
    metadata.save, metadata.delete = lakes.noting(metadata.save), lakes.noting(metadata.delete)
    translations = Translations(lakes)
    _translate_once(translations)
    tables.write = _run_once(tables.write, KeptViews(lakes, database.cursor))
    tables.columns = kept_columns(tables.columns, lakes)
    tabledata.load = _but_of_results(tabledata.load, tables.RESULTS)
    answers = Answers(
        lambda table: _how_many(_result(tables.RESULTS, tables.physical(*table)[-1], database.fetch)),
        _dropping(tables.name, database.cursor),
    )
    cache_of_results = QueryCache(lakes, lambda table: answers.are_there(tables.reference(table)))
    query.execute = cache_of_results.answering(_on_new_cursors(query.execute))
    tables.delete = _of_another_job(tables.delete, tables.exists)
    tables.get = _modified(tables.get, database.fetch)
    tables._alter = _growing_within(tables._alter, tables, database.execute)
    database._connect = cache(_confined(database._connect.__wrapped__, (folder, objects_folder), project))
    information_schema.VIEWS["PARTITIONS"] = partitions.told(
        _summaries,
        lambda *table: metadata.existing(tables.load, [table]),
        database.fetch,
        lambda project: database.fetch(statement("versions", lake=lake_of(project))),
    )
    Jobs(store, models.Job, answers, tables.RESULTS).put_into(store)
    storage._local = _object_file(objects_folder)
    extract.written = _stored(folder, storage._local)
    return translations


def _confined(
    connect: "Callable[[], duckdb.DuckDBPyConnection]", folders: Sequence[Path], project: str
) -> "Callable[[], duckdb.DuckDBPyConnection]":
    """Connects to a DuckDB that reaches these folders alone, which no query can change any more."""

    import duckdb

    from local import json_text

    def connected() -> duckdb.DuckDBPyConnection:
        _link_extensions(folders[0] / "home")
        _bring_home(folders[0])
        tidying.make_files([folders[0] / "emulator.duckdb", folders[0] / f"{project}.ducklake"])
        connection = connect()
        json_text.register(connection)
        connection.execute(statement("json") + statement("text") + statement("no_results"))
        for name in EXTENSIONS:
            connection.execute(f"LOAD {name}")  # later it would not be let at the file
        allowed = [f"{folder.resolve()}/" for folder in folders]
        for option, value in (
            ("threads", _THREADS),
            ("disabled_optimizers", ",".join(_NOT_WORTH_IT)),
            ("temp_directory", f"{allowed[0]}spilled"),
            ("allowed_directories", allowed),
            ("enable_external_access", False),
            ("lock_configuration", True),
        ):
            connection.execute(f"SET {option} = {duckdb.ConstantExpression(value)}")
        return connection

    return connected


def _bring_home(folder: Path) -> None:
    """Lets each lake look for its files where the folder is now: it may have been moved since it was made."""
    import duckdb

    for lake in folder.glob("*.ducklake"):
        with duckdb.connect(lake) as itself:
            itself.execute(statement("moved"), [f"{lake.with_suffix('')}/"])


def _object_file(root: Path) -> Callable[[str], str]:
    """Where the objects are that a job reads or writes."""
    from local_bigquery.errors import BigQueryError  # type: ignore[import-untyped]

    def path(uri: str) -> str:
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        if not uri.startswith("gs://") or not name or names.leads_out(bucket) or names.leads_out(name):
            raise BigQueryError("invalid", f"Source or destination URI must be an object in a bucket: {uri}")
        return str(root.resolve() / bucket / name)

    return path


def _stored(folder: Path, object_file: Callable[[str], str]) -> Callable[[str], AbstractContextManager[str]]:
    """Writes an object that a job makes by way of Cloud Storage, whose server knows no file that it did not write:
    one among its own, and the bucket could not even be listed.
    """
    from local_bigquery.errors import BigQueryError

    @contextmanager
    def written(uri: str) -> Iterator[str]:
        object_file(uri)  # refuses what leads elsewhere
        server = emulator_host("STORAGE")
        if server is None:
            raise BigQueryError("invalid", f"Unable to write {uri}: no Cloud Storage runs here")
        bucket, _, name = uri.removeprefix("gs://").partition("/")
        with tempfile.TemporaryDirectory(dir=folder) as made:
            file = Path(made) / "object"
            yield str(file)
            said = _upload(f"{server}/upload/storage/v1/b/{bucket}/o", name, file)
            if said.is_error:
                raise BigQueryError("invalid", f"Unable to write {uri}: {said.status_code} {_said(said)}")

    return written


def _upload(url: str, name: str, file: Path) -> httpx2.Response:
    options = {"uploadType": "media", "name": name}
    with file.open("rb") as content, asking.client(processes.START_LIMIT_S) as client:
        return client.post(url, params=options, content=content, headers={"Content-Type": "application/octet-stream"})


def _translate_once(translations: Translations) -> None:
    """Has all jobs that translate a statement ask what is kept."""
    from local_bigquery.jobs import merge, query
    from local_bigquery.sql import params, script, translate

    params.bind = marked(params.bind)
    script.parse = translations.reading(translate.parse)
    for room in (query, script, merge):
        room.translate = translations.writing(translate.translate)


def _run_once(write: Run, kept: KeptViews) -> Run:
    """Runs a query once, and hands on what came of it: local-bigquery 0.3.2 has DuckDB read a query three times on its
    way to a result, and with it all the views that it names: a sixth of what a query of `ads_enriched` takes.

    Views whose rows are kept are read there, unless a client wants it otherwise, or a script or session sees of its own
    what nobody else does.
    """

    def written(cursor: Any, query: str, parameters: Any, *others: Any, **options: Any) -> Any:  # noqa: ANN401
        if parameters:
            return write(cursor, query, parameters, *others, **options)

        def run(text: str) -> None:
            cursor.execute(f"{statement('run_once')}{text}")

        _, config, *_ = others
        if options.get("isolated") or getattr(config, "useQueryCache", None) is False:
            run(query)
        else:
            kept.run(query, run)
        made = write(cursor, statement("rows_of_this_query"), parameters, *others, **options)
        cursor.execute(statement("forget_rows"))  # after a fault the cursor takes them with it, or its next query
        return made

    return written


class _NewCursor:
    """A cursor on which nothing has run, so that it has no temporary tables: of them local-bigquery 0.3.2 asks before
    each job, and DuckDB goes through all tables of all datasets to tell. That is half of what a small query takes.
    """

    _OF_TEMPORARY_TABLES = "duckdb_tables() WHERE temporary"

    def __init__(self, cursor: Any) -> None:  # noqa: ANN401 - DuckDB's
        self._cursor = cursor

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._cursor, name)

    def sql(self, query: str, **options: Any) -> Any:  # noqa: ANN401
        """The cursor's own, but for that question."""
        return self._cursor.sql(
            statement("none_of_them") if query.endswith(self._OF_TEMPORARY_TABLES) else query, **options
        )


def _on_new_cursors(execute: Run) -> Run:
    """Runs jobs that are of no session on what their cursors are: new ones."""

    def executed(cursor: Any, *others: Any, session: Any = None, **options: Any) -> Any:  # noqa: ANN401
        return execute(cursor if session else _NewCursor(cursor), *others, session=session, **options)

    return executed


def _of_another_job(delete: Described, exists: Callable[..., Any]) -> Described:
    """Deletes a job's rows where it has some of its own: another's may have answered it."""

    def deleted(project: str, dataset: str, table: str) -> None:
        if dataset != "_results" or exists(project, dataset, table):
            delete(project, dataset, table)

    return deleted


def _but_of_results(load: Described, results: str) -> Described:
    """Describes a table before its rows are told, unless they are a query's: of those nothing more is asked than the
    columns, which are looked for by themselves, and would be missed there as well.
    """

    def loaded(project: str, dataset: str, table: str) -> Any:  # noqa: ANN401
        return None if dataset == results else load(project, dataset, table)

    return loaded


def _called(macro: str) -> Written:
    """Writes a function of JSON and a path as a macro of ours."""
    return lambda generator, node: generator.func(f"bq.main.{macro}", node.this, node.expression)


def _in_brackets(operator: str) -> Written:
    """Writes a function of two numbers as an operator, which binds as the function does: not before its arguments."""
    return lambda generator, node: f"(({generator.sql(node, 'this')}) {operator} ({generator.sql(node, 'expression')}))"


def _written_as_text(node: Any, _context: object) -> Any:  # noqa: ANN401
    """A rule of local-bigquery, which it asks about each part of a statement: what is cast to a string."""
    from sqlglot import exp

    if isinstance(node, exp.Cast) and node.to.is_type(*exp.DataType.TEXT_TYPES) and not node.args.get("format"):
        return exp.Anonymous(this="bq.main._text", expressions=[node.this])
    return node


def _null_where_it_does_not_fit(written: Written) -> Written:
    """Writes a cast that is null for what cannot be cast: JSON_QUERY_ARRAY of an object, say, which is null in BigQuery
    and an error in DuckDB.
    """
    return lambda generator, node: re.sub(r"^CAST\(", "TRY_CAST(", written(generator, node))


def _null_where_it_is_no_json(written: Written) -> Written:
    """Writes what is null for text that is no JSON, as in BigQuery: an error in DuckDB."""
    return lambda generator, node: (
        f"CASE WHEN json_valid({generator.sql(node, 'this')}) THEN {written(generator, node)} END"
    )


def _of_the_lake(fetch: Fetch, lakes: Collection[str]) -> Fetch:
    """Asks DuckLake's own tables about the columns of a table, and whether there is a dataset: DuckDB's lists, which
    each query is checked by, are made of all tables and views of all datasets.
    """

    def fetched(sql: str, parameters: list[Any] | None = None) -> list[Any]:
        project, *others = parameters or [None]
        if sql.endswith(_OF_ONE_DATASET) and project in lakes:
            return fetch(statement("dataset", lake=lake_of(project)), others)
        if "duckdb_columns()" not in sql or project not in (*lakes, "emulator"):
            return fetch(sql, parameters)
        if project == "emulator":  # the results of queries: none of their columns is required, or hidden
            return []
        columns = statement("columns", lake=lake_of(project))
        return fetch(sql.replace("duckdb_columns()", f"({columns})").replace("database_name = ?", "TRUE"), others)

    return fetched


def _summaries(project: str, dataset: str | None) -> list[Any]:
    """The tables and views of a dataset, or of all, without their columns."""
    from local_bigquery.catalog import datasets, metadata, tables

    names = [dataset] if dataset else [each.datasetReference.datasetId for each in datasets.list_(project)]
    of_each = metadata.existing(tables.list_, [(project, name) for name in names])
    return [summary for summaries in of_each for summary in summaries]


def _listed(objects: Objects, fetch: Fetch) -> Objects:
    """Lists a dataset from DuckLake's own tables: DuckDB's list, which each query is checked by several times, counts
    the rows of all tables of all datasets.
    """

    def listed(project: str, dataset: str, table: str | None = None) -> list[TableOrView]:
        if project == "emulator":  # no lake, but the results of queries
            return _result(dataset, table, fetch) if table else objects(project, dataset, table)
        return fetch(statement("objects", lake=lake_of(project)), [dataset, table])

    return listed


def _modified(get: Described, fetch: Fetch) -> Described:
    """Tells when a table's rows were changed last, as BigQuery does: local-bigquery tells when its columns were."""

    def modified(project: str, dataset: str, table: str, *options: Any) -> Any:  # noqa: ANN401
        found = get(project, dataset, table, *options)
        ((changed,),) = fetch(statement("changed", lake=lake_of(project)), [dataset, table])
        return found.replace(lastModifiedTime=str(max(int(found.lastModifiedTime), changed or 0)))

    return modified


def _growing_within(alter: Described, tables: Any, execute: Callable[[str], Any]) -> Described:  # noqa: ANN401
    """Adds columns within records, too: local-bigquery notes them, and their table goes on without."""
    from local_bigquery.engine import types
    from local_bigquery.engine.database import quote  # type: ignore[import-untyped]

    def added(before: Any, after: Any, within: str = "") -> Iterator[str]:  # noqa: ANN401
        known = {field.name.casefold(): field for field in before or []}
        for field in after or []:
            there = known.get(field.name.casefold())
            if there is not None and field.fields:
                path = f"{within}{quote(there.name)}.{'element.' if field.mode == 'REPEATED' else ''}"
                names = {each.name.casefold() for each in there.fields or []}
                new = (each for each in field.fields if each.name.casefold() not in names)
                yield from (f"{path}{types.column(each, nested=True)}" for each in new)
                yield from added(there.fields, field.fields, path)

    def altered(project: str, dataset: str, table: str, fields: Any) -> None:  # noqa: ANN401
        before = tables.columns(project, dataset, table)
        alter(project, dataset, table, fields)
        for column in added(before, fields):
            named = tables.name(project, dataset, table)
            execute(statement("add_column", table=named, column=column))

    return altered


def _result(dataset: str, table: str, fetch: Fetch) -> list[TableOrView]:
    import duckdb

    try:
        ((rows,),) = fetch(statement("rows", dataset=quoted(dataset), table=quoted(table)), [])
    except duckdb.CatalogException:
        return []
    return [(table, "TABLE", rows)]


def _how_many(tables: list[TableOrView]) -> int:
    """How many rows some tables have."""
    return sum(rows for _, _, rows in tables)


def _dropping(
    name: Callable[..., str], cursor: Callable[[], AbstractContextManager["duckdb.DuckDBPyConnection"]]
) -> Callable[[list[Table]], None]:
    """Drops results together, since a transaction waits for the disk. Where that fails they go at the next start."""

    def dropped(results: list[Table]) -> None:
        import duckdb

        try:
            with cursor() as within:
                within.begin()
                for table in results:
                    within.execute(statement("drop_result", table=name(*table)))
                within.execute(statement("forget_results"), [[table for _, _, table in results]])
                within.commit()
        except duckdb.Error as error:
            _log.warning("rows that nobody reads any more are still kept: %s", error)

    return dropped


if __name__ == "__main__":
    main()
