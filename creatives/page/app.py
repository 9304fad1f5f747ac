"""The page's web application: the page, what it polls, and what it sends.

It is for the person at this machine, and nobody else. A page from elsewhere that this person has open must neither
read nor send anything, so

- requests are answered only to this machine's user, and under a name of this machine (local/access.py): a foreign
  name made to lead here (DNS rebinding) is not;
- what a browser says comes from another page (`Origin`, `Sec-Fetch-Site`) is not answered at all;
- what changes something has to come from the page itself (`Origin`), with a header that other pages may not set;
- answers may be used by no other page, in no frame.
"""

import json
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING, Any

from google.api_core.exceptions import NotFound as ObjectNotFound
from werkzeug.exceptions import BadRequest, Forbidden, HTTPException, NotFound, UnprocessableEntity
from werkzeug.routing import Map, Rule
from werkzeug.wrappers import Response

from creatives.agents import stored
from creatives.agents.meaning import Vectors
from creatives.analysis import inputs
from creatives.analysis.inputs import Feed, InputError
from creatives.page import files, following, refusing, uploads, words
from creatives.page.reading import waiting
from creatives.page.saved import SavedView, UnfitViewError
from creatives.page.state import AppState
from creatives.page.uploads import Taken, Taking, UploadRequest
from creatives.report import page
from creatives.results import loading
from local import access
from shared import objects, wiring
from shared.columns import BY_NAME, Choice
from shared.media.sniffing import HEAD_BYTES

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

LIST_BYTES = 20 * 10**6
_WORD_BYTES = 1_000_000
_PASTED = "addresses"
_MOST_ALIKE = 24
_LONGEST_QUESTION = 600  # characters

_CREATIVE_ID = re.compile(r"[0-9a-f]{40}")

_ROUTES = Map(
    [
        Rule("/", endpoint="page", methods=["GET"]),
        Rule("/api/data", endpoint="data", methods=["GET"]),
        Rule("/api/progress", endpoint="progress", methods=["GET"]),
        Rule("/api/answers/<creative_id>", endpoint="answer", methods=["GET"]),
        Rule("/api/files/<creative_id>", endpoint="file", methods=["GET"]),
        Rule("/api/find", endpoint="find", methods=["GET"]),
        Rule("/api/like/<creative_id>", endpoint="like", methods=["GET"]),
        Rule("/api/check", endpoint="check", methods=["POST"]),
        Rule("/api/upload", endpoint="upload", methods=["POST"]),
        Rule("/api/uploads/status", endpoint="status", methods=["POST"]),
        Rule("/api/urls", endpoint="urls", methods=["POST"]),
        Rule("/api/corrections", endpoint="corrections", methods=["POST"]),
        Rule("/api/overrides", endpoint="overrides", methods=["POST"]),
        Rule("/api/labels", endpoint="labels", methods=["POST"]),
        Rule("/api/views", endpoint="views", methods=["GET", "POST"]),
    ]
)
# The page itself, or a person who typed or kept its address.
_OWN_SITES = ("same-origin", "none")

# The page's own policy stands in the page; what can only be said in a header is added to it.
_HEADERS = {
    "Content-Security-Policy": "frame-ancestors 'none'",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-cache",
}


def application(state: AppState) -> "WSGIApplication":
    """The application; every answer has the headers that keep other pages off."""

    def answer(environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        with closing(UploadRequest(environ, state.incoming)) as request:  # the files that came with it are closed then
            response = _response(state, request)
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response(environ, start_response)

    return answer


def _response(state: AppState, request: UploadRequest) -> Response:
    try:
        _refuse_strangers(request, state.port)
        endpoint, values = _ROUTES.bind_to_environ(request.environ).match()
        return _ENDPOINTS[endpoint](state, request, **values)
    except HTTPException as error:
        return _json({"error": error.description}, status=error.code)


def _refuse_strangers(request: UploadRequest, port: int) -> None:
    host = request.headers.get("Host")
    if host not in access.own_names(port):
        raise Forbidden("this address is for the person at this machine")
    own = f"http://{host}"
    if request.headers.get("Origin", own) != own or request.headers.get("Sec-Fetch-Site", "none") not in _OWN_SITES:
        raise Forbidden("this is for no other page")
    if request.method in ("GET", "HEAD"):
        return
    if "Origin" not in request.headers or request.headers.get("X-Creatives") != "1":
        raise Forbidden("only the page itself may send this")


def _page(state: AppState, _request: UploadRequest) -> Response:
    return Response(page.render(state.report.get().data, live=True), mimetype="text/html")


def _data(state: AppState, request: UploadRequest) -> Response:
    """The report, with all that the counts have told; nothing but 304 where the page has this one already."""
    report = state.report.get(since=state.counts.changed_at)
    response = Response(report.json, mimetype="application/json")
    response.set_etag(report.tag)
    response.make_conditional(request)
    return response


def _progress(state: AppState, _request: UploadRequest) -> Response:
    """What each stage has still to do, and how many ads were accepted until now, known to the dataset or not yet."""
    stages = waiting(wiring.load(), state.status_url)
    counted = state.counts.get(since=state.accepted.changed_at)
    return _json({"stages": stages, "counts": dict(counted.counts), "accepted": counted.accepted, "told": counted.told})


def _answer(state: AppState, _request: UploadRequest, creative_id: str) -> Response:
    """What the model said, unchanged."""
    uri = state.dataset.answer_uri(creative_id) if _CREATIVE_ID.fullmatch(creative_id) else None
    if uri is None:
        raise NotFound("no answer about this creative is kept")
    bucket, name = objects.split(uri)
    try:
        kept = json.loads(state.dataset.storage_client.bucket(bucket).blob(name).download_as_bytes())
    except ObjectNotFound as error:
        raise NotFound("the answer is no longer kept") from error
    return Response(kept["raw"], mimetype="text/plain")


def _file(state: AppState, request: UploadRequest, creative_id: str) -> Response:
    """A creative itself, to be looked at or played on the page."""
    stored = state.dataset.file(creative_id) if _CREATIVE_ID.fullmatch(creative_id) else None
    found = objects.find(state.dataset.storage_client, stored[0]) if stored else None
    if stored is None or found is None:
        raise NotFound("no file of this creative is kept that a browser shows")
    response = files.response(found, stored[1], request)
    response.set_etag(creative_id)
    response.make_conditional(request)
    return response


def _find(state: AppState, request: UploadRequest) -> Response:
    """The creatives that mean what is asked for, the nearest first; none is a copy of another."""
    words = request.args.get("words", "").strip()[:_LONGEST_QUESTION]
    if not words:
        raise BadRequest("say what is looked for: /api/find?words=…")
    near = _vectors(state).by_words(words, _MOST_ALIKE)
    return _json({"creatives": [creative_id for creative_id, _ in near]})


def _like(state: AppState, _request: UploadRequest, creative_id: str) -> Response:
    """The creatives that are like one, not itself; none of one that is not known to say anything.

    Where `embed` has made its vector by that: it is there, and asking costs nothing. Else by the words of its features.
    """
    near = stored.like(state.dataset.tables, creative_id, _MOST_ALIKE)
    near = near or _vectors(state).by_creative(creative_id, _MOST_ALIKE) or []
    return _json({"creatives": [each for each, _ in near]})


def _vectors(state: AppState) -> Vectors:
    """What the creatives mean, with all that the counts have told."""
    return state.vectors.get(since=state.counts.changed_at)


def _check(state: AppState, request: UploadRequest) -> Response:
    """What of some files cannot work, by the first bytes of each: before they are sent."""
    files, sizes = request.files.getlist("files"), request.form.getlist("sizes")
    if len(files) != len(sizes) or not all(re.fullmatch(r"[0-9]{1,18}", size) for size in sizes):
        raise BadRequest("send the beginnings of files, and the size of each")
    told = [
        refusing.refusal(uploads.shown_path(file.filename or ""), int(size), file.stream.read(HEAD_BYTES), state.limits)
        for file, size in zip(files, sizes, strict=True)
    ]
    return _json({"refused": [None if each is None else asdict(each) for each in told]})


def _upload(state: AppState, request: UploadRequest) -> Response:
    column = request.form.get("url_column")
    columns = Choice(urls=(column,)) if column else BY_NAME
    taking = Taking(state.bucket, partial(_publish, state), state.incoming, state.limits, columns)
    named = [file for file in request.files.getlist("files") if file.filename]
    return _taken(state, sum(map(taking.take, named), Taken()))


def _status(state: AppState, request: UploadRequest) -> Response:
    """What became of ads that were sent, by the keys that they were accepted with."""
    sent = _said(request)
    keys = sent.get("keys") if isinstance(sent, dict) else None
    if not following.are_keys(keys):
        raise BadRequest(f'send {{"keys": […]}}, up to {following.MOST} of those that uploads were accepted with')
    return _json({"ads": following.status(state.dataset, keys)})


def _urls(state: AppState, request: UploadRequest) -> Response:
    request.max_content_length = LIST_BYTES
    sent = request.get_json()
    text = sent.get("text") if isinstance(sent, dict) else None
    if not isinstance(text, str):
        raise BadRequest('send {"text": "addresses, one a line"}')
    try:
        feed = inputs.parse_pasted(text, name=_PASTED)
    except InputError as error:
        if results := uploads.results_of(text.encode("utf-8", "replace"), _PASTED):
            return _taken(state, uploads.told_results(results, _PASTED, _publish(state, results)))
        return _taken(state, Taken(refused=(refusing.of_list(_PASTED, str(error)),)))
    feed, unusable = refusing.without_unusable(feed, state.limits)
    told = _publish(state, feed)
    return _taken(state, Taken(uploads.sent_of(feed), unusable, (*map(refusing.without_options, feed.notes), *told)))


def _corrections(state: AppState, request: UploadRequest) -> Response:
    return _json(words.corrected(state, _said(request)))


def _overrides(state: AppState, request: UploadRequest) -> Response:
    return _json(words.ruled(state, _said(request)))


def _labels(state: AppState, request: UploadRequest) -> Response:
    return _json(words.labelled(state, _said(request)))


def _views(state: AppState, request: UploadRequest) -> Response:
    """The views that were given a name; with one more (`name` and `address`), or one less (`name` alone)."""
    try:
        views = state.saved.all() if request.method == "GET" else _changed_views(state, _said(request))
    except UnfitViewError as error:
        raise UnprocessableEntity(str(error)) from error
    return _json({"views": [view.model_dump(mode="json") for view in views]})


def _changed_views(state: AppState, sent: object) -> Sequence[SavedView]:
    match sent:
        case {"name": str(name), "address": str(address)}:
            return state.saved.save(name, address)
        case {"name": str(name)}:
            return state.saved.delete(name)
        case _:
            raise BadRequest('send {"name": …, "address": "#/…"}, or the name alone to delete one')


def _said(request: UploadRequest) -> object:
    request.max_content_length = _WORD_BYTES
    return request.get_json()


def _publish(state: AppState, feed: Feed) -> Iterator[str]:
    """Hands on what a list holds; gives what is to be told of results that came without ads."""
    client = state.dataset.client
    inputs.publish(state.publisher, client.project, feed.urls)
    loading.load(client, state.dataset.tables.name, feed.results)
    if not feed.results:
        return iter(())
    state.report.forget()
    if feed.urls:
        return iter(())  # nothing is known of them yet
    loading.ask_to_measure(state.publisher, client.project)
    return loading.unknown(state.dataset.tables.within(loading.FOLDER), feed.results.runs)


def _taken(state: AppState, taken: Taken) -> Response:
    ads = list(dict.fromkeys(taken.ads))  # one that was sent twice is one
    state.accepted.add(ads)
    return _json(
        {
            "accepted": len(ads),
            "ads": following.named(ads),
            "refused": [asdict(each) for each in taken.refused],
            "remarks": taken.notes,
        }
    )


def _json(content: object, status: int | None = 200) -> Response:
    return Response(json.dumps(content), status=status, mimetype="application/json")


_ENDPOINTS: dict[Any, Callable[..., Response]] = {
    "page": _page,
    "data": _data,
    "progress": _progress,
    "answer": _answer,
    "file": _file,
    "find": _find,
    "like": _like,
    "check": _check,
    "upload": _upload,
    "status": _status,
    "urls": _urls,
    "corrections": _corrections,
    "overrides": _overrides,
    "labels": _labels,
    "views": _views,
}
