"""Closed namespaces: a term that the vocabulary lacks raises as soon as it is written.

:data:`FOEDUS` lists every term of the ontology, and a test compares the two. The others list what this package uses.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from pyoxigraph import NamedNode

__all__ = [
    "DCTERMS",
    "FOEDUS",
    "GRAPH",
    "OA",
    "OWL",
    "PROV",
    "RDF",
    "RDFS",
    "SKOS",
    "VOID",
    "XSD",
    "ClosedNamespace",
    "GraphNames",
]


class ClosedNamespace:
    """A namespace IRI and the local names that it has.

    Example:
        >>> FOEDUS.ArmsTransfer.value
        'https://w3id.org/foedus/ns#ArmsTransfer'
        >>> FOEDUS.ArmsTransfr
        Traceback (most recent call last):
        ...
        AttributeError: https://w3id.org/foedus/ns# has no term 'ArmsTransfr'
    """

    def __init__(self, base: str, names: str) -> None:
        self.base: Final = base
        self._terms: Final = {name: NamedNode(base + name) for name in names.split()}
        # An attribute of its own is found without a call; importers ask for a million.
        vars(self).update(self._terms)

    def __getattr__(self, name: str) -> NamedNode:
        try:
            return self._terms[name]
        except KeyError:
            raise AttributeError(f"{self.base} has no term {name!r}") from None

    def __iter__(self) -> Iterator[NamedNode]:
        return iter(self._terms.values())

    def __contains__(self, node: object) -> bool:
        return isinstance(node, NamedNode) and self._terms.get(node.value.removeprefix(self.base)) == node


FOEDUS: Final = ClosedNamespace(
    "https://w3id.org/foedus/ns#",
    """
    Accuses Acquiescence Actor Alleged Alliance AllianceSuccession AllyAttackingAlly AllySupplyingAdversary
    AmbassadorRecall AnnouncedIntent Apology ArmedConflict ArmsTransfer Article Asserts Assessment
    Assistance Betrayal BetrayalAllegation Causation Claim Commitment ComplicitAlly Condition Conditions
    Conduct ConflictHostility ConsultationObligation ConsultationProvision Coverage Covered Dataset
    DefenseObligation DefenseProvision Definite Denies DiplomaticDispute DiplomaticMeasure Displacement
    DisputeHostility Distrust DividedLoyalty EndMarker EnvoyReturn Episode Fact Habitation Hostility
    Incursion IncursionHostility InferredStatement Intends MediaOutlet Membership MilitarizedDispute
    Modality NeutralityObligation NeutralityProvision NewsAgency NonaggressionObligation
    NonaggressionProvision NotCovered Numbering Obligation OffenseObligation OffenseProvision Offensive
    Ongoing Organization Overlap Person Photograph Population Possible Prediction Predicts Protest Provision
    Reported Rivalry RivalryHostility Role Rule SeveranceOfRelations Source Speculated Stance State
    StateOfAffairs SystemMembership TerritorialChange TerritorialConcession TerritorialStatus Territory
    TravelBan TrustPolicy UnansweredObligation Unknown WarPlanning Withdrawal acceptedThrough
    acquiescenceLeg acquiescesIn actor admitsModality admitsSource adversaryOf against alliance alliedWith
    arisesFrom attackLeg attributedTo begin beginEarliest beginLatest belligerent belongsTo benefits betrays
    binds cause claims concerns concernsTerritory condition consultationObligee contestedBy coverage
    coverageNote coversClass coversFrom coversUntil cowAbbreviation cowCode cowNumberOf creditLine
    creditedTo creditsSource defenseObligee dependencyOf derivedByRule destination displaced effect end
    endEarliest endLatest entailmentRule evidence excludesAlliance excludesSource excludesSpeaker
    firstLoyaltyLeg follows gainedBy gwCode gwNumberOf hasCondition hasHolder hasInhabitant hasPremise
    headline heldIn hostile hostilityLeg hostilityLevel initiator intends intensity isAcquiescenceLegOf
    isActorOf isAttackLegOf isHostileIn isObligationLegOf isObligorOf isSupplierOf isSupplyLegOf iso2 iso3
    isoNumeric knownBy lostBy member modality neutralityObligee nonaggressionObligee obligationLeg obligee
    obligor offenseObligee onBehalfOf ongoingAsOf orderedOn origin overlap owesDefenseTo paragraph partOf
    partner party passageDigest policyName politicalCondition predecessor providedBy publishedNotBefore
    publishedOn publisher quantity recipient recurrent reportedBy requires revises rival saidOn
    secondLoyaltyLeg section sentencePattern shows sideA sideB stance stateNumber status stratum succeededBy
    successor summary supplier suppliesAdversaryOf suppliesArmsTo supplyLeg systemMember target textDigest
    textLength timeAsSaid title toleratedLeg treatyArticle trendIndicatorValue triggerLeg underAlliance
    underProvision usesAxiom venue weapon withdrawsFrom
    """,
)
RDF: Final = ClosedNamespace(
    "http://www.w3.org/1999/02/22-rdf-syntax-ns#", "Property Statement first nil object predicate rest subject type"
)
RDFS: Final = ClosedNamespace(
    "http://www.w3.org/2000/01/rdf-schema#",
    "Datatype Resource comment domain isDefinedBy label range seeAlso subClassOf subPropertyOf",
)
OWL: Final = ClosedNamespace(
    "http://www.w3.org/2002/07/owl#",
    """
    AllDifferent AllDisjointClasses AllDisjointProperties AnnotationProperty AsymmetricProperty Class DatatypeProperty
    FunctionalProperty InverseFunctionalProperty IrreflexiveProperty NamedIndividual Nothing ObjectProperty Ontology
    Restriction SymmetricProperty Thing TransitiveProperty allValuesFrom assertionProperty complementOf differentFrom
    disjointWith distinctMembers equivalentClass equivalentProperty hasKey hasValue imports intersectionOf inverseOf
    maxCardinality maxQualifiedCardinality members onClass onProperty oneOf propertyChainAxiom propertyDisjointWith
    sameAs someValuesFrom sourceIndividual targetIndividual targetValue unionOf versionIRI versionInfo
    """,
)
SKOS: Final = ClosedNamespace(
    "http://www.w3.org/2004/02/skos/core#",
    "altLabel definition editorialNote exactMatch example notation prefLabel scopeNote",
)
PROV: Final = ClosedNamespace(
    "http://www.w3.org/ns/prov#",
    "Activity Bundle Entity used wasAttributedTo wasDerivedFrom wasGeneratedBy wasQuotedFrom",
)
OA: Final = ClosedNamespace(
    "http://www.w3.org/ns/oa#", "Annotation TextPositionSelector end hasBody hasSelector hasSource hasTarget start"
)
DCTERMS: Final = ClosedNamespace(
    "http://purl.org/dc/terms/",
    "created creator description hasPart isPartOf isVersionOf license provenance source title",
)
XSD: Final = ClosedNamespace(
    "http://www.w3.org/2001/XMLSchema#", "boolean date decimal gYear gYearMonth integer string"
)
VOID: Final = ClosedNamespace(
    "http://rdfs.org/ns/void#",
    "Dataset class classPartition classes distinctObjects distinctSubjects entities properties sparqlEndpoint subset "
    "triples uriSpace vocabulary",
)


class GraphNames:
    """Names of the graphs of a store.

    Example:
        >>> GraphNames().asserted("states").value
        'https://w3id.org/foedus/graph/asserted/states'
    """

    base: Final = "https://w3id.org/foedus/graph/"

    @property
    def catalog(self) -> NamedNode:
        """What is in the store and how it was built."""
        return NamedNode(self.base + "catalog")

    @property
    def ontology(self) -> NamedNode:
        """The ontology and the descriptions of the rules."""
        return NamedNode(self.base + "ontology")

    def asserted(self, source: str) -> NamedNode:
        """What one file says."""
        return NamedNode(f"{self.base}asserted/{source}")

    def accepted(self, view: str) -> NamedNode:
        """What counts under a trust policy."""
        return NamedNode(f"{self.base}accepted/{view}")

    def derived(self, view: str) -> NamedNode:
        """What the dated rules derive under a trust policy: obligations, hostilities, episodes."""
        return NamedNode(f"{self.base}derived/{view}")

    def inferred(self, view: str) -> NamedNode:
        """What OWL 2 RL reasoning adds under a trust policy: classes and shortcuts."""
        return NamedNode(f"{self.base}inferred/{view}")

    def proofs(self, view: str) -> NamedNode:
        """By which rule, axiom and premises each triple that OWL 2 RL added follows."""
        return NamedNode(f"{self.base}proofs/{view}")

    def union(self, view: str) -> NamedNode:
        """The union of what answers under a trust policy, of which the catalog says how much it holds; no graph."""
        return NamedNode(f"{self.base}union/{view}")


GRAPH: Final = GraphNames()
