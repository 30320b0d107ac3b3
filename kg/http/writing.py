"""Changes that clients ask for, in the one worker that writes: SPARQL Update and the Graph Store Protocol."""

from __future__ import annotations

import hashlib
import json
import re
from urllib.parse import quote

from pyoxigraph import DefaultGraph, NamedNode, Quad, QueryTriples, RdfFormat

from kg.documents import parsed, without_blank_nodes
from kg.http.changing import Change, change
from kg.http.formats import GRAPHS, JSON
from kg.http.frames import Job
from kg.http.preconditions import require, validator
from kg.http.protocol import calls_out
from kg.http.refusals import Refused
from kg.http.replies import Reply, agreed
from kg.http.served import Served
from kg.http.touching import moves_unnamed, unnamed
from kg.http.updating import with_dataset
from kg.http.writable import Writable, check_syntax, source_name
from kg.lexemes import settled
from kg.serializing import serialize
from kg.store.depth import check_depth
from kg.vocab import GRAPH

__all__ = ["read_graph", "update", "write_graph"]

_MARKUP = re.compile(r"<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|(<!(?:DOCTYPE|ENTITY))", re.DOTALL | re.IGNORECASE)
"""What may stand in RDF/XML behind ``<!``: only declarations are told apart, for in the others they are but text."""
_UNNAMED = (
    "What stands outside GRAPH, WITH and USING is about the unnamed graph, which is empty in an update and stays so: "
    "there is nothing that operation %s could find."
)


def update(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """SPARQL 1.1 Protocol, section 2.2: carry out an update."""
    reply.varies()
    given = job.arguments
    text = settled(given["update"])
    if calls_out(text):
        raise Refused(403, "LOAD and SERVICE are not allowed here: an update reads nothing but the graph")
    check_depth(text, "update")
    # It has to parse as it was sent, before anything is put into it.
    check_syntax(text, given["base"])
    if moves_unnamed(text):
        says = "DEFAULT is the unnamed graph, which is empty here: a copy would only empty a graph, and CLEAR says that"
        raise Refused(400, says)
    full = with_dataset(text, given["using"], given["using_named"])
    found_nothing = ", ".join(map(str, unnamed(full, given["base"])))
    done = change(served.path, lambda store: store.update(full, given["base"]), served.conclusions)
    _told(reply, done, note=_UNNAMED % found_nothing if found_nothing else "" if done else "Nothing has changed.")


def read_graph(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Graph Store Protocol, section 5.2: what a graph says."""
    media = agreed(job, *GRAPHS)
    graph, name = served.graph(), job.arguments["graph"]
    if name is None:
        answer = graph.sparql("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }")
        assert isinstance(answer, QueryTriples)
        reply.begin(media, Vary="Accept")
        answer.serialize(reply, GRAPHS[media])  # type: ignore[arg-type]
        return
    triples = list(graph.store.triples(NamedNode(name)))
    if not triples:
        raise _no_graph(name)
    tag = validator(graph.as_served, NamedNode(name), media)
    reply.whole(media, serialize(triples, GRAPHS[media]), Vary="Accept", ETag=tag)


def write_graph(served: Served, job: Job, reply: Reply, max_rows: int | None) -> None:
    """Graph Store Protocol, sections 5.3 to 5.5: replace a graph, drop it, or add to it."""
    reply.varies()
    given = job.arguments
    method, name = given["method"], given["graph"]
    if name is None and given["default"]:
        source_name("")
    if name is None:
        name = GRAPH.asserted(f"posted-{hashlib.sha256(given['content'].encode()).hexdigest()[:16]}").value
    quads = [] if method == "DELETE" else _parsed(given, name)
    source_name(name)
    graph = NamedNode(name)
    wanted = [Quad(q.subject, q.predicate, q.object, graph) for q in without_blank_nodes(quads)]
    existed = False

    def make(store: Writable) -> None:
        nonlocal existed
        existed = any(True for _ in store.triples(graph))
        if method == "DELETE" and not existed:
            raise _no_graph(name)
        require(store.before, graph, given["if_match"], given["if_none_match"])
        if method == "POST":
            store.put(wanted)
        else:
            store.replace(graph, wanted)

    done = change(served.path, make, served.conclusions)
    created = not existed and bool(wanted)
    headers = {"Location": f"{given['base']}/graph-store?graph={quote(name, safe='')}"} if created else {}
    _told(reply, done, status=201 if created else 200, **headers)


def _parsed(given: dict[str, str], name: str) -> list[Quad]:
    """The statements of a body, whose relative IRIs are read against the name of its graph.

    Raises:
        Refused: it does not parse, declares entities, or has named graphs of its own (400), or it has a term that is
            longer than the parser takes (413).
    """
    # What entities stand for may be much longer than the body.
    if GRAPHS[given["media"]] == RdfFormat.RDF_XML and any(m[1] for m in _MARKUP.finditer(given["content"])):
        raise Refused(400, "the body has a DOCTYPE or an ENTITY declaration in it; write what it stands for instead")
    try:
        quads = parsed(given["content"].encode(), GRAPHS[given["media"]], name)
    except SyntaxError as fault:
        raise Refused(400, f"the body does not parse as {given['media']}: {fault.msg}") from fault
    except MemoryError as fault:
        raise Refused(413, f"the body has a term in it that is longer than can be taken: {fault}") from fault
    except ValueError as fault:
        raise Refused(400, f"the body does not parse as {given['media']}: {fault}") from fault
    if any(not isinstance(quad.graph_name, DefaultGraph) for quad in quads):
        raise Refused(400, "the body has named graphs in it; a request is about the one graph that it names")
    return quads


def _no_graph(name: str) -> Refused:
    return Refused(404, f"no graph is called {name!r} here")


def _told(reply: Reply, done: Change, *, status: int = 200, note: str = "", **headers: str) -> None:
    told = {**done.to_dict(), "note": note} if note else done.to_dict()
    reply.whole(JSON, json.dumps(told, indent=1) + "\n", status=status, **headers)
