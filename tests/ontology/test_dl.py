"""A description-logic reasoner finds the ontology consistent, and every class of it possible.

HermiT decides OWL 2 DL as a whole, so it sees contradictions that the rules of OWL 2 RL are too weak to find. It is a
Java program that comes with owlready2; without Java these tests are skipped.
"""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rdflib import OWL, Graph

from kg.resources import graph_files, ontology_files
from kg.terms import PREFIXES

pytestmark = pytest.mark.skipif(shutil.which("java") is None, reason="HermiT needs Java, and there is none on the path")

WORLD = """
ex:pact a foedus:Alliance . ex:clause a foedus:DefenseProvision ; foedus:providedBy ex:pact .
ex:north a foedus:State . ex:west a foedus:State . ex:east a foedus:State .
ex:membership a foedus:Membership ; foedus:member ex:north ; foedus:alliance ex:pact .
ex:duty a foedus:DefenseObligation ; foedus:obligor ex:north ; foedus:defenseObligee ex:west ;
  foedus:underAlliance ex:pact ; foedus:underProvision ex:clause .
ex:transfer a foedus:ArmsTransfer ; foedus:supplier ex:north ; foedus:recipient ex:east .
ex:war a foedus:ArmedConflict ; foedus:sideA ex:east ; foedus:sideB ex:west .
ex:enmity a foedus:ConflictHostility ; foedus:hostile ex:east ; foedus:against ex:west ; foedus:arisesFrom ex:war .
ex:standoff a foedus:MilitarizedDispute ; foedus:party ex:east, ex:west ; foedus:actor ex:east ;
  foedus:hostilityLevel 3 .
ex:tension a foedus:DisputeHostility ; foedus:hostile ex:east ; foedus:against ex:west ; foedus:arisesFrom ex:standoff .
ex:episode a foedus:Episode ;
  foedus:obligationLeg ex:duty ; foedus:supplyLeg ex:transfer ; foedus:hostilityLeg ex:enmity .
ex:article a foedus:Article . ex:outlet a foedus:MediaOutlet .
ex:claim a foedus:Claim ; foedus:claims ex:transfer ; foedus:stance foedus:Asserts ; foedus:modality foedus:Reported ;
  foedus:attributedTo ex:outlet ; foedus:reportedBy ex:article .
"""

Reason = Callable[..., Any]


@pytest.fixture
def reason(tmp_path: Path) -> Reason:
    """A function that loads the ontology with some more Turtle and files, and lets HermiT reason over it."""
    import owlready2

    def run(turtle: str = "", *files: Path, values: bool = False) -> Any:
        prefixes = "".join(f"@prefix {name}: <{iri}> .\n" for name, iri in PREFIXES.items())
        graph = Graph()
        for path in [*ontology_files(), *files]:
            graph.parse(path)
        graph.parse(data=f"{prefixes}@prefix ex: <https://example.org/> .\n{turtle}", format="turtle")
        graph.remove((None, OWL.imports, None))
        target = tmp_path / "ontology.nt"
        graph.serialize(target, format="nt", encoding="utf-8")
        world = owlready2.World()
        world.get_ontology(target.as_uri()).load()
        owlready2.sync_reasoner_hermit(world, infer_property_values=values, debug=0)
        return world

    return run


def impossible(world: Any) -> set[str]:
    return {str(kind.iri) for kind in world.inconsistent_classes()} - {str(OWL.Nothing)}


def test_the_ontology_is_consistent_and_every_class_is_possible(reason: Reason) -> None:
    assert impossible(reason()) == set()


def test_a_small_world_is_consistent_and_classified_as_the_rules_do(reason: Reason) -> None:
    world = reason(WORLD, values=True)
    assert impossible(world) == set()
    episode = world["https://example.org/episode"]
    kinds = {kind.name for kind in episode.INDIRECT_is_a if hasattr(kind, "name")}
    assert {"AllySupplyingAdversary", "Betrayal"} <= kinds
    assert not {"AllyAttackingAlly", "ComplicitAlly", "DividedLoyalty", "UnansweredObligation"} & kinds
    north = world["https://example.org/north"]
    assert [state.name for state in north.betrays] == ["west"]
    assert [state.name for state in north.suppliesArmsTo] == ["east"]


def test_the_facts_that_ship_are_consistent(reason: Reason) -> None:
    assert impossible(reason("", *graph_files())) == set()


def test_an_impossible_class_is_found_out(reason: Reason) -> None:
    world = reason("foedus:CityState a owl:Class ; rdfs:subClassOf foedus:State, foedus:Territory .")
    assert impossible(world) == {"https://w3id.org/foedus/ns#CityState"}


@pytest.mark.parametrize(
    "turtle",
    [
        "ex:north a foedus:Organization .",
        "ex:duty a foedus:Provision .",
        "ex:standoff a foedus:ArmedConflict .",
        "ex:episode a foedus:Conduct .",
        "ex:claim a foedus:Source .",
    ],
)
def test_a_contradiction_in_the_facts_is_found_out(reason: Reason, turtle: str) -> None:
    import owlready2

    with pytest.raises(owlready2.OwlReadyInconsistentOntologyError):
        reason(WORLD + turtle)
