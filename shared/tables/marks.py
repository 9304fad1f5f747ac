"""Parts of files that people write the rest of: what stands between two marks, and what a view says of itself."""


def in_sql(name: str) -> tuple[str, str]:
    """The marks of a part of SQL: what stands before it, and what behind."""
    return f"-- <{name}>", f"-- </{name}>"


def between(marks: tuple[str, str], text: str, made: str) -> str:
    """The text with `made` between the marks.

    Raises:
        ValueError: when a mark is missing.
    """
    begin, end = marks
    before, begun, rest = text.partition(begin)
    _, ended, after = rest.partition(end)
    if not (begun and ended):
        raise ValueError(f"needs {begin} and {end}")
    return f"{before}{begin}\n{made.strip('\n')}\n{end}{after}"


def about(sql: str) -> str:
    """What a view says of itself: the comment in its first line, as infra/modules/views has it."""
    return sql.partition("\n")[0].removeprefix("--").strip()
