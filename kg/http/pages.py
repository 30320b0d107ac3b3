"""HTML for people: small pages without scripts, that need nothing from elsewhere."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final
from urllib.parse import quote

from kg.answers import Answer
from kg.questions import Question
from kg.terms import PREFIXES, Term, curie
from kg.vocab import GRAPH

__all__ = ["address", "front", "node", "question", "questions", "refused", "terms", "text"]

_STYLE: Final = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}"
    "table{border-collapse:collapse}td,th{padding:.2rem .8rem .2rem 0;text-align:left;vertical-align:top}"
    "tr{border-bottom:1px solid #ccc}footer{margin-top:3rem;color:#555}pre{white-space:pre-wrap}svg{max-width:100%}"
)
_FOOT: Final = (
    "“Betrayal” is here a category of analysis, not a verdict: what is recorded as conduct meets, in time, what is "
    "recorded as an obligation. It says nothing about motive, knowledge or law."
)


def _page(title: str, body: str) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{escape(title)} – Foedus</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style></head>\n'
        f'<body><nav><a href="/">Foedus</a> · <a href="/questions">questions</a> · <a href="/ns">terms</a></nav>\n'
        f"<main><h1>{escape(title)}</h1>\n{body}\n</main>\n<footer><p>{_FOOT}</p></footer></body></html>\n"
    )


def address(iri: str) -> str:
    """Where a node is described: here for those of this graph, else at its own IRI."""
    for base, path in ((PREFIXES["id"], "/id/"), (PREFIXES["foedus"], "/ns#"), (GRAPH.base, "/graph/")):
        if iri.startswith(base):
            return path + quote(iri[len(base) :], safe="/:@!$&'()*+,;=-._~%")
    return iri if iri.startswith(("http://", "https://")) else ""


def front() -> str:
    """The first page."""
    return _page(
        "A graph of states, alliances, obligations and betrayals",
        "<p>Every fact is dated and names who said it; every conclusion names its premises.</p><ul>"
        '<li><a href="/questions">/questions</a>: what can be asked, with <a href="/openapi.json">OpenAPI</a></li>'
        '<li><a href="/sparql">/sparql</a>: the SPARQL 1.1 Protocol for queries, and its service description</li>'
        '<li><a href="/explain?subject=Belarus&amp;predicate=betrays&amp;object=Armenia">/explain</a>: why something '
        "follows; <code>/why-not/QUESTION</code>: why something does not; "
        "<code>/what-if</code>: what other facts would change</li>"
        '<li><a href="/ns">/ns</a>: the terms; <code>/id/…</code>: every thing that the graph speaks of</li>'
        '<li><a href="/.well-known/void">/.well-known/void</a>: what the graph holds</li></ul>'
        '<form action="/sparql" method="post"><p><label for="query">A query in SPARQL</label></p>'
        '<p><textarea id="query" name="query" rows="8" cols="80">'
        "SELECT ?who ?whom { ?who foedus:betrays ?whom }</textarea></p><p><button>Ask</button></p></form>",
    )


def questions(listed: Sequence[Question]) -> str:
    """All questions."""
    rows = "".join(
        f'<tr><td>{escape(q.area)}</td><td><a href="/questions/{q.name}">{q.name}</a></td>'
        f"<td>{escape(q.question)}</td></tr>"
        for q in listed
    )
    return _page("Questions", f"<table><tr><th>about</th><th>name</th><th>question</th></tr>{rows}</table>")


def question(asked: Question, values: Mapping[str, str], answer: Answer | None, path: str) -> str:
    """One question: its parameters as a form, and its answer."""
    fields = "".join(
        f'<p><label>{p.name}{" (needed)" if p.required else ""}: <input name="{p.name}" '
        f'value="{escape(values.get(p.name, ""))}"></label> {escape(p.help)}</p>'
        for p in asked.parameters
    )
    form = f'<form action="{escape(path)}">{fields}<p><button>Ask</button></p></form>' if asked.parameters else ""
    body = f"<p>{escape(asked.question)}</p>{form}"
    if answer is not None:
        body += _table(answer) if len(answer) else "<p>Nothing that is recorded answers this.</p>"
        body += "".join(f"<p>{escape(note)}</p>" for note in answer.notes)
    return _page(asked.summary, body)


def _table(answer: Answer) -> str:
    head = "".join(f"<th>{escape(name)}</th>" for name in answer.columns)
    rows = "".join(
        "<tr>" + "".join(f"<td>{_cell(term, answer.text(term))}</td>" for term in row) + "</tr>" for row in answer.terms
    )
    return f"<table><tr>{head}</tr>{rows}</table>"


def _cell(term: Term | None, text: str) -> str:
    target = address(getattr(term, "value", "")) if type(term).__name__ == "NamedNode" else ""
    return f'<a href="{escape(target)}">{escape(text)}</a>' if target else escape(text)


def node(title: str, iri: str, out: Sequence[tuple[Term, Term]], back: Sequence[tuple[Term, Term]],
         labels: Mapping[str, str], policies: Sequence[str] = ()) -> str:  # fmt: skip
    """What the graph says of a node: property and value, then subject and property; and under which policies."""

    def name(term: Term) -> str:
        value = str(getattr(term, "value", term))
        return labels.get(value, curie(value)) if type(term).__name__ == "NamedNode" else value

    def row(one: Term, other: Term) -> str:
        return f"<tr><td>{_cell(one, name(one))}</td><td>{_cell(other, name(other))}</td></tr>"

    body = f"<p><code>{escape(iri)}</code></p><table>{''.join(row(p, o) for p, o in out)}</table>"
    if policies:
        body += f"<p>It counts under the policies: {escape(', '.join(sorted(policies)))}.</p>"
    if back:
        body += f"<h2>What refers to it</h2><table>{''.join(row(s, p) for s, p in back)}</table>"
    return _page(title, body)


def refused(message: str, near: Sequence[str], details: str = "") -> str:
    """Why there is no answer, with what may have been meant: addresses, or other words."""
    links = "".join(
        f'<li><a href="{escape(one)}">{escape(one)}</a></li>' if one.startswith("/") else f"<li>{escape(one)}</li>"
        for one in near
    )
    meant = f"<p>Did you mean</p><ul>{links}</ul>" if near else ""
    return _page("No answer", f"<p>{escape(message)}</p>{meant}" + (f"<pre>{escape(details)}</pre>" if details else ""))


def terms(listed: Sequence[tuple[str, str, str]]) -> str:
    """All terms: local name, label, definition."""
    rows = "".join(
        f'<tr id="{escape(name)}"><td><code>{escape(name)}</code></td><td>{escape(label)}</td>'
        f"<td>{escape(definition)}</td></tr>"
        for name, label, definition in listed
    )
    return _page("Terms", f"<table><tr><th>term</th><th>label</th><th>definition</th></tr>{rows}</table>")


def text(title: str, words: str, picture: str = "") -> str:
    """Words, and a picture."""
    drawn = picture[picture.find("<svg") :] if "<svg" in picture else ""
    return _page(title, f"<pre>{escape(words)}</pre>{drawn}")
