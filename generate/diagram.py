"""The diagram of the pipeline in README.md, drawn from infra/pipeline.yaml: Mermaid, which GitHub shows as a picture.

    python -m generate.diagram           writes it between its two marks
    python -m generate.diagram --check   prints what differs and exits 1 if anything does

Boxes are functions, arrows the topics between them. A box names the topics that lead to no other function, whose events
are rows and nothing else (▦), and those that lead back to itself (↻); what all functions publish is named once, beside
BigQuery. Dead letters are left out: any message may become one.
"""

from collections import defaultdict
from collections.abc import Iterator

from generate.pages import Part
from shared import wiring
from shared.wiring import Pipeline

PART = Part(wiring.ROOT / "README.md", "diagram", "generate.diagram")

# What people do themselves, which no wiring tells: topics they publish to, and how that is said.
BY_PEOPLE = {"url-batches": "URLs you publish", "overrides": "creatives split, merge, reset"}

_DEAD_LETTERS = "dead-letters"


def drawn(wired: Pipeline) -> str:
    """The diagram, as a fenced block of Markdown."""
    parts = (_triggers(wired), _functions(wired), _bigquery(wired), _arrows(wired))
    return "\n".join(["```mermaid", "flowchart LR", *(f"    {line}" for part in parts for line in part), "```"])


def _triggers(wired: Pipeline) -> Iterator[str]:
    """Where work comes from."""
    yield from (f'you-{topic}(["{said}"])' for topic, said in BY_PEOPLE.items())
    yield from (f'table-{name}[("your table<br/>{name}")]' for name in _filled_by_people(wired))
    yield from (f'every-{name}(["{name}<br/>{schedule.cron}"])' for name, schedule in wired.schedules.items())
    for name in _notifying(wired):
        yield f'bucket-{name}[("bucket<br/>{name}")]'
        yield f'you-{name}(["files you upload"]) --> bucket-{name}'


def _functions(wired: Pipeline) -> Iterator[str]:
    yield 'subgraph functions["Cloud Functions"]'
    for name in wired.functions:
        rows = [topic for topic in _own_topics(wired, name) if not _takers(wired, topic)]
        again = [topic for topic in _own_topics(wired, name) if name in _takers(wired, topic)]
        lines = [f"<b>{name}</b>", *(f"▦ {topic}" for topic in rows), *(f"↻ {topic}" for topic in again)]
        yield f'    {name}["{"<br/>".join(lines)}"]'
    yield "end"


def _bigquery(wired: Pipeline) -> Iterator[str]:
    """The tables that messages are written to, and the views over them."""
    written = [each.table for each in wired.bigquery_subscriptions.values() if each.topic != _DEAD_LETTERS]
    written += [table for function in wired.functions.values() for table in function.keeps]
    views = [name for name in wired.views if not is_internal(name)]
    everybodys = [topic for topic in wired.topics if _is_everybodys(wired, topic)]
    yield f'subgraph bigquery["BigQuery: every event is a row, {", ".join(everybodys)} included"]'
    yield f'    tables[("{"<br/>".join(written)}")] --> views["{"<br/>".join(f"<b>{name}</b>" for name in views)}"]'
    yield "end"


def _arrows(wired: Pipeline) -> Iterator[str]:
    """One arrow from each place to each other, with all the topics that go that way."""
    ways: dict[tuple[str, str], list[str]] = defaultdict(list)
    for topic in wired.topics:
        for sender in _senders(wired, topic):
            for receiver in _takers(wired, topic):
                if sender != receiver:
                    ways[sender, receiver].append(topic)
    yield from (f'{sender} -- "{", ".join(topics)}" --> {receiver}' for (sender, receiver), topics in ways.items())
    for name, function in wired.functions.items():
        yield from (f"{name} --> bucket-{bucket}" for bucket in _notifying(wired) if bucket in function.writes)
        yield from (f"table-{table} --> {name}" for table in _filled_by_people(wired) if table in function.queries)
    yield "functions --> bigquery"


def _senders(wired: Pipeline, topic: str) -> list[str]:
    functions = [name for name in wired.functions if topic in _own_topics(wired, name)]
    buckets = [f"bucket-{name}" for name, bucket in wired.buckets.items() if bucket.notify == topic]
    schedules = [f"every-{name}" for name, schedule in wired.schedules.items() if schedule.topic == topic]
    people = [f"you-{topic}"] if topic in BY_PEOPLE else []
    return [*people, *buckets, *schedules, *functions]


def _own_topics(wired: Pipeline, function: str) -> list[str]:
    """What a function publishes, but for what all of them do."""
    return [topic for topic in wired.functions[function].publishes if not _is_everybodys(wired, topic)]


def _is_everybodys(wired: Pipeline, topic: str) -> bool:
    return all(topic in function.publishes for function in wired.functions.values())


def _takers(wired: Pipeline, topic: str) -> list[str]:
    """The functions that a topic leads to."""
    return [each.function for each in wired.push_subscriptions.values() if each.topic == topic]


def _notifying(wired: Pipeline) -> list[str]:
    """The buckets whose objects start the chain."""
    return [name for name, bucket in wired.buckets.items() if bucket.notify]


def _filled_by_people(wired: Pipeline) -> list[str]:
    return [name for name, table in wired.tables.items() if table.written_by]


def is_internal(view: str) -> bool:
    """Whether a view is there for the others."""
    inside = ("current_", "pipeline_status_", "standing_")
    return view.startswith(inside) or view in ("given_up", "lost_messages", "paid_answers", "raw_links", "saved_now")


if __name__ == "__main__":
    PART.run(drawn(wiring.load()), __doc__)
