"""Requests to a SPARQL endpoint: authentication, time limits, retries, and errors that say what to do.

Only requests that can be repeated without harm are: queries, and updates that the caller says may be repeated, such as
``DROP SILENT`` or an ``INSERT DATA`` of triples without blank nodes, for a graph is a set. A request that the server
may have received and that could do something else a second time is sent once.
"""

from __future__ import annotations

import base64
import random
import re
import time
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cached_property
from http.client import HTTPException
from typing import Final, TypeVar
from urllib.error import HTTPError, URLError
from urllib.parse import quote
from urllib.request import (
    HTTPBasicAuthHandler,
    HTTPDigestAuthHandler,
    HTTPPasswordMgrWithDefaultRealm,
    HTTPRedirectHandler,
    OpenerDirector,
    Request,
    build_opener,
)

from kg import __version__
from kg.errors import QueryError, StoreError
from kg.settings import RemoteSettings
from kg.store.deadlines import PunctualHTTPHandler, PunctualHTTPSHandler, ends_at

__all__ = ["TooSlow", "Transport"]

_T = TypeVar("_T")
_ATTEMPTS: Final = 4
_PAUSE: Final = 0.2
_PASSING: Final = frozenset({429, 502, 503, 504})
"""Statuses that say that the server is busy or on its way up."""

_SHOWN: Final = 300
_AGENT: Final = f"foedus/{__version__} (https://w3id.org/foedus) SPARQLWrapper"
"""What we are and where to find us, as public endpoints want to know."""
_SIGNING_IN: Final = (
    "give --store-user or --store-token, FOEDUS_STORE_USER and FOEDUS_STORE_PASSWORD or FOEDUS_STORE_TOKEN, or use the "
    "settings file"
)


class TooSlow(StoreError):
    """There was no answer in time; what was asked for may still be under way."""


class _Passing(Exception):
    """A fault that may be gone a moment later, or the seconds later that the server names."""

    def __init__(self, fault: StoreError, wait: float = 0.0) -> None:
        self.fault, self.wait = fault, wait
        super().__init__(str(fault))


class _Staying(HTTPRedirectHandler):
    """Follows no redirection: a query or an update would be sent on as a request for a page, without what it asks."""

    def redirect_request(self, *_: object) -> None:
        """Leave the answer as it is, an error that names where the endpoint has moved."""


class Transport:
    """What is sent to one endpoint.

    Args:
        settings: where it is and how to get in.
        sleep: what waits between attempts.
        signing_in: what the user can do where credentials are wanted, in words.
    """

    def __init__(
        self,
        settings: RemoteSettings,
        sleep: Callable[[float], None] = time.sleep,
        *,
        signing_in: str = _SIGNING_IN,
    ) -> None:
        self.settings = settings
        self._sleep = sleep
        self._signing_in = signing_in
        self._basic: str | None = None
        self._allowed: Callable[[], float] = lambda: settings.timeout
        self.server = ""
        """What the server calls itself, as far as it has answered."""

    @contextmanager
    def allowing(self, seconds: float, *, together: bool = False) -> Iterator[None]:
        """Give requests another time limit than the settings have.

        Args:
            seconds: what each may take.
            together: whether that is what all of them may take together.
        """
        before, end = self._allowed, time.monotonic() + seconds
        # A limit of nothing would mean none.
        self._allowed = (lambda: max(end - time.monotonic(), 0.001)) if together else (lambda: seconds)
        try:
            yield
        finally:
            self._allowed = before

    def query(
        self,
        text: str,
        accept: str,
        parameters: Mapping[str, Sequence[str]],
        whole: Callable[[bytes], bool] = lambda body: True,
    ) -> tuple[bytes, str]:
        """Send a query.

        Args:
            text: the query.
            accept: media type wanted.
            parameters: parameters of the SPARQL 1.1 Protocol, such as ``default-graph-uri``.
            whole: whether a body in that media type is all there, as far as its end shows.

        Returns:
            The body of the answer and its media type.

        Raises:
            QueryError: the endpoint says that the query is not right.
            StoreError: there is no answer.
        """
        url = self.settings.query_url

        def send() -> tuple[bytes, str]:
            body, media_type = self._send(self._wrapper(url, "query", text, accept, parameters), url, "query")
            if media_type == accept and not whole(body):
                cut = f"{url}: the answer broke off after {len(body):,} bytes; is the server still up?"
                raise _Passing(StoreError(cut))
            return body, media_type

        return self._repeat(send)

    def update(self, text: str, *, repeatable: bool) -> None:
        """Send a SPARQL Update.

        Args:
            text: the update.
            repeatable: whether doing it twice is the same as once.

        Raises:
            StoreError: it was refused, or whether it was done is not known.
        """
        url = self.settings.update_url

        def send() -> object:
            return self._send(self._wrapper(url, "update", text, "*/*", {}), url, "update")

        if repeatable:
            self._repeat(send)
        else:
            self._once(send)

    def load(self, graph: str, ntriples: bytes, *, in_bulk: bool = False) -> None:
        """Add triples without blank nodes to a graph by the Graph Store Protocol; done twice it is as done once.

        Args:
            graph: name of the graph.
            ntriples: the triples.
            in_bulk: whether half of them may be left there if the server is stopped, where that is quicker.
        """
        url = self.settings.graph_store_url
        assert url is not None
        target = f"{url}{'&' if '?' in url else '?'}graph={quote(graph, safe='')}"
        if in_bulk and self.server.startswith("Oxigraph"):
            target += "&no_transaction"
        headers = {"Content-Type": "application/n-triples"}
        self._repeat(lambda: self._send(Request(target, ntriples, headers, method="POST"), url, "load"))  # noqa: S310

    @cached_property
    def _opener(self) -> OpenerDirector:
        passwords = HTTPPasswordMgrWithDefaultRealm()
        if self.settings.user is not None:
            for url in {self.settings.query_url, self.settings.update_url, self.settings.graph_store_url} - {None}:
                passwords.add_password(None, str(url), self.settings.user, self.settings.password or "")
        signing_in = HTTPDigestAuthHandler(passwords), HTTPBasicAuthHandler(passwords)
        return build_opener(_Staying, PunctualHTTPHandler, PunctualHTTPSHandler, *signing_in)

    def _wrapper(self, url: str, kind: str, text: str, accept: str, parameters: Mapping[str, Sequence[str]]) -> Request:
        """The request that SPARQLWrapper makes.

        Always a form: some servers do not answer a query or an update that is the body itself.
        """
        from SPARQLWrapper import POST, URLENCODED, SPARQLWrapper

        wrapper = SPARQLWrapper(url, updateEndpoint=url, agent=_AGENT)
        wrapper.setMethod(POST)
        wrapper.setRequestMethod(URLENCODED)
        with warnings.catch_warnings():
            # SPARQLWrapper guesses the form of a query by a pattern; what the endpoint says of it counts.
            warnings.simplefilter("ignore")
            wrapper.setQuery(text)
        wrapper.queryType = "SELECT" if kind == "query" else "INSERT"
        for name, values in parameters.items():
            for value in values:
                wrapper.addParameter(name, value)
        request: Request = wrapper._createRequest()
        request.add_header("Accept", accept)
        return request

    def _send(self, request: Request, url: str, kind: str) -> tuple[bytes, str]:
        # Unredirected: not sent on to where a redirection leads.
        if self.settings.token is not None:
            request.add_unredirected_header("Authorization", f"Bearer {self.settings.token}")
        elif self._basic is not None:
            request.add_unredirected_header("Authorization", self._basic)
        allowed = self._allowed()
        ends_at(request, time.monotonic() + allowed)
        try:
            with warnings.catch_warnings(action="ignore"), self._opener.open(request, timeout=allowed) as response:
                self.server = response.headers.get("Server", "")
                used = request.unredirected_hdrs.get("Authorization", "")
                # A server that wants Digest does not ask for it once it has been sent Basic: Basic waits to be asked.
                self._basic = used if used.startswith("Basic ") else None
                return response.read(), response.headers.get_content_type()
        except HTTPError as fault:
            with fault:
                raise self._status(fault, url, kind) from None
        except TimeoutError:
            raise self._slow(url, allowed) from None
        except URLError as fault:
            if isinstance(fault.reason, TimeoutError):
                raise self._slow(url, allowed) from None
            raise _Passing(StoreError(f"{url}: cannot be reached: {_reason(fault)}; is the server up?")) from None
        except (HTTPException, OSError) as fault:
            lost = f"{url}: the connection broke off ({type(fault).__name__}); is the server still up?"
            raise _Passing(StoreError(lost)) from None
        except ValueError as fault:
            raise StoreError(f"{url}: the server asks for a way of signing in that is not known") from fault

    def _slow(self, url: str, allowed: float) -> TooSlow:
        return TooSlow(
            f"{url}: no answer within {allowed:g} seconds; ask for less, or raise the time limit "
            "(FOEDUS_STORE_TIMEOUT, or timeout in the settings file)"
        )

    def _status(self, fault: HTTPError, url: str, kind: str) -> Exception:
        try:
            said = self._clean(fault.read(4096).decode("utf-8", "replace"))
        except (HTTPException, OSError):
            said = ""
        match fault.code:
            case 403 if re.search("read.?only", said, re.IGNORECASE):
                return StoreError(f"{url}: is read-only ({said}); name an endpoint that takes updates by --update-url")
            case 401 | 403:
                given = self.settings.token or self.settings.user
                what = "the credentials are not accepted" if given else "credentials are needed"
                does = "reading" if kind == "query" else "writing"
                return StoreError(f"{url}: {does} is refused ({fault.code}), {what}: {self._signing_in}")
            case 400 if kind == "query":
                return QueryError(f"{url}: the endpoint does not accept the query: {said}")
            case 404 | 405 | 406 | 415 | 400 | 501 if kind != "query":
                takes, option = ("updates", "--update-url") if kind == "update" else ("graphs", "--graph-store-url")
                return StoreError(
                    f"{url}: does not take {takes} ({fault.code}: {said}); name the endpoint that does by {option}"
                )
            case 404 | 405 | 406 | 415 | 501:
                return StoreError(f"{url}: is not a SPARQL endpoint ({fault.code})")
            case code if 300 <= code < 400 and (there := self._clean(fault.headers.get("Location", ""))):
                return StoreError(f"{url}: has moved ({code}) to {there}; name that address")
            case code if code in _PASSING:
                wait = _retry_after(fault.headers.get("Retry-After", ""))
                later = f"in {wait:.0f} seconds" if wait > self.settings.timeout else "later"
                return _Passing(StoreError(f"{url}: is not available now ({code}); try again {later}"), wait)
        return StoreError(f"{url}: the server failed ({fault.code}): {said}")

    def _clean(self, text: str) -> str:
        """What a server said, short, on one line, and without credentials that it may repeat."""
        settings = self.settings
        pair = base64.b64encode(f"{settings.user}:{settings.password or ''}".encode()).decode()
        for secret in (pair, settings.password, settings.token, settings.user):
            if secret:
                text = text.replace(secret, "…")
        text = " ".join(text.split())
        return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"

    def _once(self, send: Callable[[], _T]) -> _T:
        try:
            return send()
        except _Passing as passing:
            raise passing.fault from None

    def _repeat(self, send: Callable[[], _T]) -> _T:
        for attempt in range(_ATTEMPTS):
            try:
                return send()
            except _Passing as passing:
                # Who is told to wait for longer than a request may take decides for themselves.
                if attempt == _ATTEMPTS - 1 or passing.wait > self.settings.timeout:
                    raise passing.fault from None
                wait = passing.wait
            # Waits grow, and differ so that many clients do not come back at once.
            self._sleep(wait + _PAUSE * 2**attempt * (1 + random.random()))  # noqa: S311
        raise AssertionError


def _retry_after(text: str) -> float:
    """Seconds that a Retry-After header (RFC 9110, section 10.2.3) asks to wait: a number or a date."""
    if text.strip().isdecimal():
        return float(text)
    try:
        return max(0.0, (parsedate_to_datetime(text).astimezone(UTC) - datetime.now(UTC)).total_seconds())
    except ValueError:
        return 0.0


def _reason(fault: URLError) -> str:
    return getattr(fault.reason, "strerror", None) or type(fault.reason).__name__
