"""The graph as a Python object."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from kg.errors import StoreError, UsageError
from kg.files import write_files
from kg.inquiries import Inquiries
from kg.questions import load_questions
from kg.settings import RemoteSettings, is_url
from kg.store.embedded import EmbeddedStore

if TYPE_CHECKING:
    from kg.building import Report

__all__ = ["KnowledgeGraph", "default_store"]


def default_store() -> Path:
    """Where the store is when nobody says: ``$FOEDUS_STORE``, or ``foedus/store`` in the user's data folder."""
    from platformdirs import user_data_path

    given = os.environ.get("FOEDUS_STORE")
    return Path(given) if given else user_data_path("foedus", appauthor=False) / "store"


class KnowledgeGraph(Inquiries):
    """A built graph that can be asked, explained, played through and written out.

    Example:
        >>> kg = KnowledgeGraph.open()
        >>> [(row["supplier"], row["adversary"]) for row in kg.ask("allies-supplying-adversary", state="Armenia")]
        [('Belarus', 'Azerbaijan')]
    """

    @classmethod
    def open(
        cls,
        path: str | Path | RemoteSettings | None = None,
        *,
        policy: str | None = None,
        progress: Callable[[str], None] = lambda stage: None,
    ) -> KnowledgeGraph:
        """Open a built store, to read.

        Args:
            path: the store, a folder, or the URL or :class:`kg.settings.RemoteSettings` of a SPARQL endpoint; where not
                given, the default one, which is built from the facts that ship on first use.
            policy: name of the trust policy that holds where a call names none; the one the store was built with where
                not given.
            progress: called with the name of each stage, should a graph have to be built.

        Raises:
            StoreError: there is no store at the path, it is damaged, or the endpoint cannot be used.
        """
        if isinstance(path, RemoteSettings) or is_url(path or os.environ.get("FOEDUS_STORE")):
            from kg.store.remote import RemoteStore

            where = path if isinstance(path, RemoteSettings) else str(path or os.environ["FOEDUS_STORE"])
            return cls(RemoteStore.open(where), policy=policy, progress=progress)
        if path is not None:
            return cls(EmbeddedStore.open(Path(path)), policy=policy, progress=progress)
        place = default_store()
        if EmbeddedStore.exists(place):
            return cls(EmbeddedStore.open(place), policy=policy, progress=progress)
        try:
            return cls.build(policy=policy or "reported", place=place, progress=progress)[0]
        except StoreError:
            progress(f"{place} cannot be written; the graph stays in memory")
            return cls.build(policy=policy or "reported", progress=progress)[0]

    @classmethod
    def build(
        cls,
        files: Iterable[str | Path] | None = None,
        *,
        policy: str = "reported",
        one_view: bool = False,
        place: Path | None = None,
        dropping: Collection[str] = (),
        remote: str | RemoteSettings | None = None,
        progress: Callable[[str], None] = lambda stage: None,
    ) -> tuple[KnowledgeGraph, Report]:
        """Build a graph in memory, on disk, or in a remote store.

        Args:
            files: files of facts; those that ship where not given.
            policy: name of the trust policy.
            one_view: whether to work out what follows under that policy alone, which takes a third of the time and
                room; the other policies are worked out when they are asked for.
            place: the folder of a store on disk to build in; the graph that it has is replaced once the new one is
                whole. In memory where not given.
            dropping: names of sources that were written over HTTP into the store there and may go; a build is refused
                that would lose others.
            remote: the SPARQL endpoint to build in; the graph that it has is replaced once the new one is whole.
            progress: called with the name of each stage as it begins.

        Raises:
            ParseError: a file does not parse.
            ValidationError: data break shapes.
            InconsistencyError: data contradict the ontology.
            UnknownName: there is no such policy.
            StoreError: the store cannot be reached or written.
            UsageError: sources are to be dropped from a remote store, to which nobody writes over HTTP.
        """
        from kg.building import build
        from kg.resources import graph_files

        paths = graph_files() if files is None else [Path(file) for file in files]
        if remote is not None:
            from kg.remote import build_remote

            if dropping:
                raise UsageError("dropping is about a store in a folder, that kg serve writes to")

            there, report = build_remote(remote, paths, policy=policy, one_view=one_view, progress=progress)
            return cls(there, policy=policy), report
        store, report = build(
            paths, policy=policy, one_view=one_view, place=place, dropping=dropping, progress=progress
        )
        return cls(store, policy=policy), report

    def export(
        self,
        out: str | Path,
        formats: Sequence[str] = ("ttl",),
        *,
        policy: str | None = None,
        grounded_owl: bool = False,
    ) -> list[Path]:
        """Write the graph into a folder: asserted, accepted, inferred and proofs apart.

        Args:
            out: the folder; made where it is not there.
            formats: some of ``ttl``, ``nt``, ``jsonld``, ``trig`` and ``csv``; the last writes ``tables/NAME.csv``, the
                answer to every question that can be asked without parameters.
            policy: name of the trust policy, where not the graph's own.
            grounded_owl: whether to write ``grounded.ttl`` too, see :func:`kg.exporting.grounded_owl`.

        Returns:
            The files written, sorted.

        Raises:
            UnknownName: there is no such format or policy.
            StoreError: the folder cannot be written; what was there stays.
        """
        from pyoxigraph import QueryResultsFormat

        from kg import exporting
        from kg.serializing import serialize

        view = self._scope(policy, None).policy.view

        def files() -> Iterator[tuple[str, bytes]]:
            yield from exporting.graph_files(self.store, view, [f for f in formats if f != "csv"])
            if "csv" in formats:
                for question in load_questions():
                    if not any(p.required for p in question.parameters):
                        answer = self.ask(question, policy=policy if question.policy else None)
                        yield f"tables/{question.name}.csv", answer.to_sparql(QueryResultsFormat.CSV)
            if grounded_owl:
                text = serialize(exporting.grounded_owl(self.store, view), exporting.FORMATS["ttl"])
                yield "grounded.ttl", text

        return write_files(Path(out), files())

    def export_tables(
        self, out: str | Path, *, first_year: int = 1816, last_year: int | None = None, policy: str | None = None
    ) -> list[Path]:
        """Write tables for statistics: directed dyad-years, triad-years, episodes and intervals of obligations.

        Each is CSV and Parquet; ``codebook.md`` and ``datapackage.json`` say what every column means.

        Args:
            out: the folder; made where it is not there.
            first_year: year with which the tables by year begin.
            last_year: year with which they end; the last with which any fact is dated where not given.
            policy: name of the trust policy, where not the graph's own.

        Returns:
            The files written, sorted.

        Raises:
            UnknownName: there is no such policy.
            UsageError: pyarrow, which the extra ``tables`` brings, is missing; or the years are in the wrong order.
            StoreError: the folder cannot be written; what was there stays.
        """
        from kg.exporting import export_tables

        view = self._scope(policy, None).policy.view
        return export_tables(self.store, view, Path(out), first_year=first_year, last_year=last_year)
