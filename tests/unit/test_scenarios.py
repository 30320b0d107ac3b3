"""What if: facts added, retracted or changed on a copy, and only what changes comes back."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest
from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad, RdfFormat, Triple

from kg import KnowledgeGraph, drafting
from kg.errors import BadParameter, ParseError, QueryError, UnknownName, UsageError, ValidationError, Violation
from kg.inquiries import Scenario
from kg.reach import Unreadable, chains
from kg.store.base import Store
from kg.store.embedded import EmbeddedStore
from kg.validation import validate, validate_change
from kg.vocab import FOEDUS, GRAPH, RDF, RDFS, XSD
from tests.fiction import PREFIXES, E, claim, fact, graph, node, pact, transfer, war

Facts = frozenset[Triple]

BOUND = pact("Norland", "Osteria")
RECONSIDER = """
PREFIX claim: <https://w3id.org/foedus/id/claim/>
# The prime minister would reconsider if Belarus apologized and withdrew from the pact. Suppose that it does.
INSERT DATA {
  claim:apology-made a foedus:Claim ; rdfs:label "Belarus apologized (assumed)."@en ;
    foedus:claims <https://w3id.org/foedus/id/apology/belarus-armenia> ,
      <https://w3id.org/foedus/id/withdrawal/belarus-csto> ;
    foedus:stance foedus:Asserts ; foedus:modality foedus:Fact ;
    foedus:attributedTo <https://w3id.org/foedus/id/organization/assumption> ;
    foedus:reportedBy <https://w3id.org/foedus/id/source/assumption> .
  <https://w3id.org/foedus/id/source/assumption> a foedus:Dataset ; rdfs:label "an assumption"@en .
  <https://w3id.org/foedus/id/organization/assumption> a foedus:Organization ; rdfs:label "nobody: assumed"@en .
} ;
DELETE { ?membership foedus:end ?end ; foedus:ongoingAsOf ?day }
INSERT { ?membership foedus:end "2024-06-30"^^xsd:date }
WHERE {
  ?membership foedus:member <https://w3id.org/foedus/id/state/BLR> ;
    foedus:alliance <https://w3id.org/foedus/id/alliance/csto> ; foedus:end ?end .
  OPTIONAL { ?membership foedus:ongoingAsOf ?day }
}
"""
"""The article's own conditional, played out from a day on."""


@pytest.fixture(scope="module")
def article(store: Path) -> KnowledgeGraph:
    return KnowledgeGraph.open(store)


def quads(graph: KnowledgeGraph) -> frozenset[str]:
    assert isinstance(graph.store, EmbeddedStore)
    return frozenset(map(str, graph.store.quads()))


def triples(scenario: Scenario, part: str) -> set[tuple[str, str, str]]:
    found = (scenario.triple(c) for c in getattr(scenario.difference, part))
    return {triple for triple in found if triple is not None}


def write(folder: Path, *parts: str, name: str = "more.ttl") -> Path:
    file = folder / name
    file.write_text(PREFIXES + "".join(parts), encoding="utf-8")
    return file


# -------------------------------------------------------------------- changes


def test_facts_without_a_claim_are_claimed_by_the_assumption(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war())
    bare = "e:deal a f:ArmsTransfer ; f:supplier e:Norland ; f:recipient e:Pellmark ; " + (
        'f:begin "2005"^^xsd:gYear ; f:end "2005"^^xsd:gYear .'
    )
    result = made.scenario(assume=[write(tmp_path, bare)])
    assert ("Norland", "betrays", "Osteria") in triples(result, "gained")
    assert triples(result, "lost") == set()
    gained = next(c for c in result.difference.gained if c.kind == "betrays")
    (proof,) = result.explain(gained).proofs
    speakers = {name for step in proof.root.walk() for s in step.sayings for name in s.speakers}
    assert "nobody: assumed" in speakers
    assert result.says == "assuming more.ttl"


def test_facts_with_a_claim_of_their_own_are_as_sure_as_it(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war())
    result = made.scenario(assume=[write(tmp_path, transfer(claimed="Alleged"))])
    assert not result.difference
    result = made.scenario(assume=[write(tmp_path, transfer(claimed="Reported"))])
    assert {c.status for c in result.difference.gained if c.kind == "AllySupplyingAdversary"} == {"Reported"}


def test_only_what_changes_comes_back_and_altered_is_told_apart(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer(claimed="Reported"))
    result = made.scenario(assume=[write(tmp_path, claim("again", "deal"))])
    assert (result.difference.gained, result.difference.lost) == ((), ())
    ((before, after),) = result.difference.altered
    assert (before.status, after.status, before.key) == ("Reported", "Fact", after.key)
    assert result.explain(after).proofs[0].status == "Fact"


def test_lost_conclusions_are_explained_as_they_were(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    result = made.scenario(retract=[f"{E}deal-claim"])
    lost = {c.kind: c for c in result.difference.lost}
    assert set(lost) == {"AllySupplyingAdversary", "betrays", "suppliesAdversaryOf", "suppliesArmsTo"}
    assert result.explain(lost["betrays"]).proofs[0].claims >= {f"{E}deal-claim"}
    assert result.sentence(lost["betrays"]) == "Norland betrays Osteria"
    assert result.says == "without “what deal-claim says”"


@pytest.mark.parametrize("what", ["deal-claim", "deal", "gazette"])
def test_retracting_a_claim_a_node_or_a_source(tmp_path: Path, what: str) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    result = made.scenario(retract=[E + what])
    assert ("Norland", "betrays", "Osteria") in triples(result, "lost")
    left = said(result.after.store)
    assert not [t for t in left if t.subject == node("deal-claim")]
    assert bool([t for t in left if t.subject == node("deal")]) is (what != "deal")


def test_a_claim_goes_with_what_it_passes_on_and_not_otherwise(tmp_path: Path) -> None:
    told = transfer(claimed="") + claim("said", "deal") + claim("wired", "said") + claim("printed", "said", by="wire")
    made = graph(tmp_path, BOUND, war(), told)
    assert not made.scenario(retract=[f"{E}wired"]).difference
    result = made.scenario(retract=[f"{E}wired", f"{E}printed"])
    assert ("Norland", "betrays", "Osteria") in triples(result, "lost")


def test_a_claim_of_two_sources_outlives_one(tmp_path: Path) -> None:
    made = graph(tmp_path, transfer(claimed=""), claim("said", "deal", source="gazette yearbook"))
    assert not made.scenario(retract=[f"{E}gazette"]).difference
    assert made.scenario(retract=[f"{E}gazette", f"{E}yearbook"]).difference.lost


def test_leaving_an_alliance_from_a_day_on(article: KnowledgeGraph) -> None:
    result = article.scenario(withdraw=("Belarus", "CSTO"), since="2017-01-01")
    assert triples(result, "lost") == {
        ("Belarus", "betrays", "Armenia"),
        ("Belarus", "suppliesAdversaryOf", "Armenia"),
    }
    altered = [after for _, after in result.difference.altered]
    assert {after.bounds[2:] for after in altered} == {("2017-01-01", "2017-01-01")}
    assert result.says == "Belarus out of Collective Security Treaty Organization from 2017-01-01"


@pytest.mark.parametrize("since", ["2017-01-01", None])
def test_the_difference_in_rdf_leads_from_the_one_to_the_other(article: KnowledgeGraph, since: str | None) -> None:
    result = article.scenario(withdraw=("Belarus", "CSTO"), since=since)
    said = list(pyoxigraph.parse(result.to_trig(), format=RdfFormat.TRIG))
    gained, lost = (
        {q.triple for q in said if q.graph_name == NamedNode(f"{GRAPH.base}scenario/{name}")}
        for name in ("gained", "lost")
    )
    graphs = (GRAPH.derived("reported"), GRAPH.inferred("reported"))
    before, after = (
        {triple for graph in graphs for triple in side.store.triples(graph)} for side in (article, result.after)
    )
    assert lost and lost <= before and not gained & before
    assert (before - lost) | gained == after
    notes = [q.object.value for q in said if q.graph_name == DefaultGraph()]
    assert f"lost: {result.says}" in notes and any("not a verdict" in note for note in notes)


def test_policies_have_no_difference_in_rdf(article: KnowledgeGraph) -> None:
    with pytest.raises(UsageError, match="only other facts"):
        article.diff({"policy": "facts"}, {"policy": "alleged"}).to_trig()


def test_never_having_been_in_it(article: KnowledgeGraph) -> None:
    result = article.scenario(withdraw=("Belarus", "CSTO"))
    assert ("Belarus", "alliedWith", "Russia") in triples(result, "lost")
    assert not [c for c in result.difference.altered if "Belarus" in result.sentence(c[0])]


@pytest.mark.parametrize(("since", "in_time"), [("2005-06-01", True), ("2004-12-31", False)])
def test_the_day_of_leaving_decides(tmp_path: Path, since: str, in_time: bool) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    result = made.scenario(withdraw=("Norland", "the pact"), since=since)
    assert (("Norland", "betrays", "Osteria") in triples(result, "lost")) is not in_time


def test_spells_of_membership(tmp_path: Path) -> None:
    """Leaving closes the spell that runs, forgets those that come later, and leaves alone those that are over."""
    spells = fact("pact", "Alliance") + fact("pact-defense", "DefenseProvision", providedBy="pact")
    for number, (begin, end) in enumerate([("1990", "1995"), ("2000", "2010"), ("2015", "Ongoing")]):
        spells += fact(f"spell{number}", "Membership", member="Norland", alliance="pact", begin=begin, end=end)
    store = graph(tmp_path, spells).store
    left = leaving(store, date(2005, 3, 1))
    ends = {t.subject.value[-1]: t.object.value for t in left if t.predicate == FOEDUS.end}  # type: ignore[union-attr]
    assert ends == {"0": "1995", "1": "2005-03-01"}
    assert not [t for t in left if node("spell2") in (t.subject, t.object)]
    with pytest.raises(UsageError, match="Norland had left pact by 2020-01-01 already"):
        leaving(store, date(2012, 1, 1), date(2020, 1, 1))


TREATY = (
    fact("treaty", "Alliance")
    + pact("Norland", "Osteria", name="first", begin="2000", end="2003")
    + pact("Norland", "Osteria", name="second", begin="2004")
    + pact("Norland", "Osteria", name="annex", begin="2008")
    + "e:first f:partOf e:treaty . e:second f:partOf e:treaty . e:annex f:partOf e:second .\n"
)
"""A treaty in two phases, of which the second has a part of its own; memberships are of the phases alone."""


def test_a_treaty_is_left_with_all_its_phases(tmp_path: Path) -> None:
    made = graph(tmp_path, TREATY, war(begin="2002", end="2010"), transfer(begin="2009", end="2009"))
    result = made.scenario(withdraw=("Norland", "the treaty"), since="2006-01-01")
    assert ("Norland", "betrays", "Osteria") in triples(result, "lost")
    assert result.says == "Norland out of the treaty from 2006-01-01"
    never = made.scenario(withdraw=("Norland", "the treaty"))
    assert ("Norland", "alliedWith", "Osteria") in triples(never, "lost")
    # One phase alone is left alone.
    assert ("Norland", "betrays", "Osteria") not in triples(made.scenario(withdraw=("Norland", "the first")), "lost")
    with pytest.raises(UnknownName, match="no membership is called 'Quarria in treaty'"):
        made.scenario(withdraw=("Quarria", "the treaty"))


def leaving(store: Store, *days: date) -> Facts:
    """What is said once Norland has left the pact on one day and then on another."""
    draft = drafting.Draft(store)
    for day in days:
        drafting.leave(draft, node("Norland"), node("pact"), day)
    return frozenset(draft.match())


def test_an_update(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    text = f"""PREFIX f: <https://w3id.org/foedus/ns#>
        DELETE {{ ?t f:begin ?b ; f:end ?e }} INSERT {{ ?t f:begin ?x ; f:end ?x }}
        WHERE {{ VALUES ?t {{ <{E}deal> }} ?t f:begin ?b ; f:end ?e BIND("1999"^^xsd:gYear AS ?x) }}"""
    result = made.scenario(update=text)
    assert ("Norland", "betrays", "Osteria") in triples(result, "lost")
    assert result.says == "2 triples added and 2 taken away"


def test_changes_together(tmp_path: Path) -> None:
    """A file of facts, an update and a retraction in one go; what is retracted need not conform any more."""
    made = graph(tmp_path, BOUND, war())
    result = made.scenario(
        assume=[write(tmp_path, transfer(), transfer("second", supplier="Osteria"))],
        update=f"DELETE WHERE {{ ?s ?p ?o . ?s foedus:supplier <{E}Osteria> ; foedus:recipient ?r }}"
        f" ; DELETE WHERE {{ <{E}second-claim> ?p ?o }}",
        retract=[f"{E}war-claim"],
        withdraw=("Osteria", "the pact"),
    )
    assert ("Norland", "suppliesArmsTo", "Pellmark") in triples(result, "gained")
    assert ("Norland", "betrays", "Osteria") not in triples(result, "gained")
    assert result.says.count("; ") == 3


def test_the_articles_own_conditional(article: KnowledgeGraph) -> None:
    """An apology and a departure in 2024 end no conclusion about 2018 to 2022: only the obligations get an end."""
    result = article.scenario(update=RECONSIDER)
    assert (result.difference.gained, result.difference.lost) == ((), ())
    assert {after.kind for _, after in result.difference.altered} == {"Obligation"}
    assert all("Belarus" in result.sentence(after) for _, after in result.difference.altered)
    assert {after.bounds[3] for _, after in result.difference.altered} == {"2024-06-30"}
    (proof,) = result.after.explain("apology/belarus-armenia").proofs
    assert proof.status == "Fact"
    with pytest.raises(UnknownName):
        article.explain("apology/belarus-armenia")


# -------------------------------------------------------------------- nothing is written


@pytest.mark.parametrize("on_disk", [False, True])
def test_the_graph_itself_stays_as_it_is(tmp_path: Path, on_disk: bool) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    if on_disk:
        made.store.publish(tmp_path / "store")
        made = KnowledgeGraph.open(tmp_path / "store")
    files = sorted(p for p in (tmp_path / "store").rglob("*")) if on_disk else []
    store, before = made.store, quads(made)
    made.scenario(assume=[write(tmp_path, transfer("more"))])
    made.scenario(update=f"DELETE WHERE {{ <{E}deal> ?p ?o . ?c ?q <{E}deal> . ?c ?x ?y }}")
    made.scenario(retract=[f"{E}gazette"], withdraw=("Norland", "the pact"), policy="alleged")
    made.diff({"policy": "facts"}, {"policy": "alleged"})
    made.robustness(without=["the pact"])
    assert made.store is store and quads(made) == before
    if on_disk:
        assert sorted(p for p in (tmp_path / "store").rglob("*")) == files
        assert quads(KnowledgeGraph.open(tmp_path / "store")) == before


def refused(made: KnowledgeGraph, fault: type[Exception], **change: Any) -> Exception:
    before = quads(made)
    with pytest.raises(fault) as caught:
        made.scenario(**change)
    assert quads(made) == before
    return caught.value


@pytest.mark.parametrize(
    ("update", "path"),
    [
        (f"INSERT DATA {{ <{E}deal> foedus:supplier <{E}Atlantis> }}", "supplier"),
        (f"DELETE WHERE {{ <{E}deal> foedus:recipient ?r }}", "recipient"),
        (f"INSERT DATA {{ <{E}Norland> foedus:betrays <{E}Osteria> }}", "betrays"),
        (f"INSERT DATA {{ <{E}deal> foedus:weapn 'rifles'@en }}", "weapn"),
        (f'INSERT DATA {{ <{E}war> foedus:begin "1066"^^xsd:gYear }}', "begin"),
        (f"DELETE DATA {{ <{E}deal-claim> foedus:claims <{E}deal> }}", "claims"),
        (f"DELETE DATA {{ <{E}Norland> a foedus:State }}", "described as a state"),
    ],
)
def test_a_change_that_breaks_a_shape_is_refused(tmp_path: Path, update: str, path: str) -> None:
    made = graph(tmp_path, BOUND, war(), transfer())
    fault = refused(made, ValidationError, update=update)
    assert isinstance(fault, ValidationError)
    assert fault.violations and all(v.severity == "Violation" and v.message for v in fault.violations)
    assert any(path in v.path or path in v.message for v in fault.violations), fault.violations


def test_assumed_facts_that_break_a_shape_are_refused(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND)
    fault = refused(made, ValidationError, assume=[write(tmp_path, fact("deal", "ArmsTransfer", supplier="Norland"))])
    assert isinstance(fault, ValidationError)
    assert {v.node for v in fault.violations} == {f"{E}deal"}


def test_other_bad_input(tmp_path: Path) -> None:
    made = graph(tmp_path, BOUND, transfer())
    broken = write(tmp_path, "e:x a", name="broken.ttl")
    said = str(refused(made, QueryError, update="INSERT { ?x ?y"))
    assert said.startswith("the update does not parse: line 1, column ")
    for text in (
        "INSERT DATA { GRAPH <a:g> { <a:a> <a:b> <a:c> } }",
        "DELETE WHERE { graph ?g { ?x ?y ?z } }",
        "WITH <a:g> DELETE { ?x ?y ?z } WHERE { ?x ?y ?z }",
        "INSERT { ?x ?y ?z } USING <a:g> WHERE { ?x ?y ?z }",
        "LOAD <file:///etc/passwd>",
        "LOAD SILENT <https://example.org/> INTO GRAPH <a:g>",
        "INSERT { ?x ?y ?z } WHERE { SERVICE <https://example.org/> { ?x ?y ?z } }",
        # Oxigraph wants no space behind a keyword.
        "PREFIX x: <https://example.org/> INSERT { ?x ?y ?z } WHERE { SERVICEx:y { ?x ?y ?z } }",
        "PREFIX x: <https://example.org/> INSERT { ?x ?y ?z } WHERE { serviceSILENTx:y { ?x ?y ?z } }",
        "PREFIX x: <file:///etc/> LOADx:passwd",
    ):
        assert "a scenario is one graph" in str(refused(made, QueryError, update=text))
    assert not made.scenario(update='INSERT DATA { <a:graph> <a:load> "GRAPH" } # LOAD').difference
    assert not made.scenario(update="INSERT DATA { <a:with> <a:b> graph:load }").difference
    refused(made, ParseError, assume=[broken])
    refused(made, UsageError)
    refused(made, UnknownName, retract=["nothing of the kind"])
    refused(made, UnknownName, withdraw=("Quarria", "the pact"))
    refused(made, UnknownName, withdraw=("Norland", "NATO"))
    refused(made, BadParameter, withdraw=("Norland", "the pact"), since="yesterday")
    refused(made, UnknownName, retract=[f"{E}deal"], policy="rumours")
    said = str(refused(made, UnknownName, retract=["https://w3id.org/foedus/ns#State"]))
    assert "node in what the sources say" in said


def test_a_policy_that_admits_nothing(tmp_path: Path) -> None:
    guesses = 'e:mine a f:TrustPolicy ; rdfs:label "m"@en ; f:policyName "guesses" ; f:admitsModality f:Speculated .'
    made = graph(tmp_path, BOUND, transfer(), guesses)
    with pytest.raises(
        UsageError, match="nothing follows under the policy guesses: no claim of this graph is admitted"
    ):
        made.scenario(retract=[f"{E}deal"], policy="guesses")
    with pytest.raises(UsageError, match="nothing follows under the policy guesses and guesses/known-by/2000-01-01"):
        made.diff({"policy": "guesses"}, {"policy": "guesses", "known_by": "2000-01-01"})
    assert made.diff({"policy": "guesses"}, {}).difference.gained


# -------------------------------------------------------------------- the shapes, only where a change bears on them


def drop(held: Facts, number: int) -> Facts:
    return held - {sorted(held, key=str)[number * 7919 % len(held)]}


def add_value(held: Facts, number: int) -> Facts:
    chosen = sorted(held, key=str)[number * 6007 % len(held)]
    return held | {Triple(chosen.subject, chosen.predicate, Literal(f"value {number}"))}


def point_elsewhere(held: Facts, number: int) -> Facts:
    pointing = sorted((t for t in held if isinstance(t.object, NamedNode)), key=str)
    chosen, other = pointing[number * 5003 % len(pointing)], pointing[number * 4001 % len(pointing)]
    return (held - {chosen}) | {Triple(chosen.subject, chosen.predicate, other.object)}


def swap_subject(held: Facts, number: int) -> Facts:
    ordered = sorted(held, key=str)
    chosen, other = ordered[number * 3001 % len(ordered)], ordered[number * 2003 % len(ordered)]
    return held | {Triple(other.subject, chosen.predicate, chosen.object)}


def test_checking_what_a_change_bears_on_finds_all_that_checking_everything_does(article: KnowledgeGraph) -> None:
    held = said(article.store)
    assert violations(held) == []
    broken = 0
    for change in (drop, add_value, point_elsewhere, swap_subject):
        for number in range(1, 5):
            after = change(held, number)
            assert after != held
            whole = violations(after)
            assert violations_of_change(held, after) == whole, (change, number)
            broken += bool(whole)
    assert 2 < broken < 16


def violations(after: Facts) -> list[Violation]:
    return [v for v in validate({"x": after}) if v.severity == "Violation"]


def violations_of_change(held: Facts, after: Facts) -> list[Violation]:
    store, graph = EmbeddedStore(), GRAPH.asserted("x")
    store.insert(graph, after)
    added, removed = (
        [Quad(t.subject, t.predicate, t.object, graph) for t in part] for part in (after - held, held - after)
    )
    found = validate_change(store, {graph: "x"}, added, removed)
    return [v for v in found if v.severity == "Violation"]


def said(store: Store) -> Facts:
    """Everything that the sources of a store say, together."""
    return frozenset(drafting.Draft(store).match())


def test_shapes_that_cannot_be_read_are_checked_on_everything() -> None:
    import rdflib

    for path in ("[ sh:zeroOrMorePath e:p ]", "( e:q [ sh:zeroOrOnePath e:p ] )"):
        text = f"@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <{E}> . e:s sh:property [ sh:path {path} ] ."
        shapes = rdflib.Graph().parse(data=text, format="turtle")
        with pytest.raises(Unreadable):
            chains(shapes)


@pytest.mark.parametrize(
    "query",
    ["SELECT $this WHERE { $this e:p/e:q ?value }", "SELECT $this WHERE { $this e:p ?value . ?other e:q ?another }"],
)
def test_constraints_that_cannot_be_read(query: str) -> None:
    import rdflib

    text = f"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <{E}> .
        e:s sh:sparql [ sh:select "PREFIX e: <{E}> {query}" ] ."""
    with pytest.raises(Unreadable):
        chains(rdflib.Graph().parse(data=text, format="turtle"))


def test_what_shapes_look_at() -> None:
    import rdflib

    text = f"""@prefix sh: <http://www.w3.org/ns/shacl#> . @prefix e: <{E}> .
        e:s sh:targetObjectsOf e:t ; sh:property [ sh:path ( e:p [ sh:inversePath e:q ] ) ; sh:class e:C ] ; sh:sparql [
          sh:select "PREFIX e: <{E}> SELECT $this {{ ?x e:r $this FILTER NOT EXISTS {{ ?x e:s ?y }} }}" ] ."""
    found = chains(rdflib.Graph().parse(data=text, format="turtle"))
    kind = (RDF.type.value, True)
    p, q, r, s = ((E + name, ahead) for name, ahead in (("p", True), ("q", False), ("r", False), ("s", True)))
    assert found == {((f"{E}t", False),), (p, q), (p, q, kind), (r,), (r, s), (kind,)}


# -------------------------------------------------------------------- other policies, other days


def independent(graph: KnowledgeGraph, policy: str, known_by: str | None = None) -> dict[object, tuple[str, ...]]:
    """The conclusions under a policy, read off the answers to plain SPARQL."""
    rows = graph.sparql(
        """SELECT ?node ?status ?overlap ?b1 ?b2 ?b3 ?b4 WHERE {
            VALUES ?kind { foedus:Betrayal foedus:DividedLoyalty foedus:Obligation }
            ?node a ?kind ; foedus:status ?status ; foedus:overlap ?overlap ; foedus:beginEarliest ?b1 ;
              foedus:beginLatest ?b2 ; foedus:endEarliest ?b3 ; foedus:endLatest ?b4 }""",
        policy=policy,
        known_by=known_by,
    )
    found: dict[object, tuple[str, ...]] = {}
    for node_, *marks in rows:  # type: ignore[union-attr]
        found[node_.value] = tuple(m.value for m in marks)
    shortcuts = ("adversaryOf", "alliedWith", "betrays", "owesDefenseTo", "suppliesAdversaryOf", "suppliesArmsTo")
    for name in shortcuts:
        pairs = graph.sparql(f"SELECT ?s ?o WHERE {{ ?s foedus:{name} ?o }}", policy=policy, known_by=known_by)
        for s, o in pairs:  # type: ignore[union-attr]
            found[s.value, FOEDUS.base + name, o.value] = ()
    return found


SIDES: list[tuple[dict[str, Any], dict[str, Any]]] = [
    ({"policy": "facts"}, {"policy": "alleged"}),
    ({"policy": "alleged"}, {"policy": "reported"}),
    ({"policy": "reported", "known_by": "2011-01-01"}, {"policy": "reported", "known_by": "2013-01-01"}),
    ({"policy": "facts", "known_by": "2011-01-01"}, {"policy": "alleged", "known_by": "2011-01-01"}),
]


@pytest.mark.parametrize(("one", "other"), SIDES)
def test_a_diff_is_the_difference_of_the_sets(tmp_path: Path, one: dict[str, Any], other: dict[str, Any]) -> None:
    late = transfer("late", claimed="") + claim("late-claim", "late", source="yearbook", modality="Alleged")
    made = graph(
        tmp_path,
        BOUND,
        pact("Norland", "Pellmark", name="league", kind="Consultation"),
        war(claimed="Reported") + claim("again", "war", source="yearbook"),
        transfer(claimed="Alleged") + claim("confirmed", "deal", source="yearbook", modality="Reported"),
        late,
    )
    difference = made.diff(one, other).difference
    before, after = independent(made, **one), independent(made, **other)
    assert before != after
    assert {c.key for c in difference.gained} == after.keys() - before.keys()
    assert {c.key for c in difference.lost} == before.keys() - after.keys()
    both = before.keys() & after.keys()
    assert {b.key for b, _ in difference.altered} == {key for key in both if before[key] != after[key]}


def test_diffs_of_the_article(article: KnowledgeGraph) -> None:
    difference = article.diff({"policy": "reported"}, {"policy": "alleged"})
    assert triples(difference, "gained") == {("Russia", "betrays", "Armenia")}
    assert triples(difference, "lost") == set()
    assert {c.kind for c in difference.difference.gained} == {"ComplicitAlly", "betrays"}
    assert {c.status for c in difference.difference.gained} == {"Alleged", ""}
    same = article.diff({}, {"policy": "reported"})
    assert not same.difference
    with pytest.raises(UnknownName):
        article.diff({}, {"policy": "rumours"})


def test_the_plain_data_of_a_conclusion(article: KnowledgeGraph) -> None:
    gained = article.diff({"policy": "reported"}, {"policy": "alleged"}).difference.gained
    shapes = {frozenset(c.to_dict()) for c in gained}
    assert shapes == {
        frozenset({"node", "kind", "status", "overlap", "bounds"}),
        frozenset({"triple", "kind", "status", "overlap", "bounds"}),
    }


def test_the_words_for_days_are_dates() -> None:
    """A literal day is written as a date, whatever the source wrote."""
    store = EmbeddedStore()
    store.insert(
        GRAPH.asserted("x"),
        [
            Triple(node("m"), FOEDUS.member, node("Norland")),
            Triple(node("m"), FOEDUS.alliance, node("pact")),
            Triple(node("m"), FOEDUS.end, FOEDUS.Ongoing),
            Triple(node("m"), FOEDUS.ongoingAsOf, Literal("2020", datatype=XSD.gYear)),
            Triple(node("m"), RDFS.label, Literal("m", language="en")),
        ],
    )
    left = leaving(store, date(2019, 5, 1))
    assert Triple(node("m"), FOEDUS.end, Literal("2019-05-01", datatype=XSD.date)) in left
    assert not [t for t in left if t.predicate == FOEDUS.ongoingAsOf]


def test_what_reads_the_same_is_told_apart_by_alliance_and_days(tmp_path_factory: pytest.TempPathFactory) -> None:
    world = graph(
        tmp_path_factory.mktemp("two"),
        pact("Norland", "Osteria", begin="2000-01-01", end="2005-03-10"),
        fact("again", "Membership", member="Norland", alliance="pact", begin="2005-03-20", end="Ongoing"),
        fact("still", "Membership", member="Osteria", alliance="pact", begin="2005-03-20", end="Ongoing"),
        transfer(begin="2005-03-01", end="2005-04-01"),
        war(begin="2005-01-01", end="2005-12-31"),
    )
    found = world.scenario(retract=["https://example.org/deal-claim"])
    episodes = [c for c in found.difference.lost if c.kind == "AllySupplyingAdversary"]
    told = sorted(found.sentence(c) for c in episodes)
    assert len(told) == len(set(told)) == 2
    assert told[0].endswith("to Osteria by the pact-defense (under the pact, 2005-03-01 to 2005-03-10).")
    assert told[1].endswith("to Osteria by the pact-defense (under the pact, 2005-03-20 to 2005-04-01).")
    by_policy = world.diff({"policy": "facts"}, {"policy": "facts", "known_by": "2001-01-01"})
    assert sorted(by_policy.sentence(c) for c in by_policy.difference.lost if c in episodes) == told
    # What nothing else reads like is told as it always was.
    alone = graph(tmp_path_factory.mktemp("one"), BOUND, transfer(), war()).scenario(
        retract=["https://example.org/deal-claim"]
    )
    (one,) = (c for c in alone.difference.lost if c.kind == "AllySupplyingAdversary")
    assert alone.sentence(one).endswith("Norland was bound to Osteria by the pact-defense.")


def test_what_is_lost_is_told_and_proved_under_the_policy(article: KnowledgeGraph) -> None:
    found = article.scenario(withdraw=("Russia", "CSTO"), policy="alleged")
    complicit = [c for c in found.difference.lost if c.kind == "ComplicitAlly"]
    assert complicit
    for conclusion in complicit:
        assert found.sentence(conclusion).startswith("Russia is said to have let Belarus supply")
        (proof, *_) = found.explain(conclusion).proofs
        assert proof.status == "Alleged"


def test_each_side_is_proved_as_known_by_its_day(tmp_path: Path) -> None:
    made = graph(
        tmp_path,
        pact("Norland", "Osteria"),
        war(),
        transfer(claimed=""),
        claim("first", "deal", modality="Reported", source="gazette"),
        claim("later", "deal", modality="Fact", source="yearbook"),
    )
    days = {"known_by": "2009-01-01"}, {"known_by": "2011-01-01"}
    found = made.diff(*days)
    gained = [c for c in found.difference.gained if c.kind == "AllySupplyingAdversary"]
    assert [c.status for c in gained] == ["Reported"]
    for proof in found.explain(gained[0]).proofs:
        assert proof.status == "Reported" and f"{E}later" not in proof.claims
