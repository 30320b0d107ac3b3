"""Auditing: every conclusion of a graph explained, and every proof checked by what did not make it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from pyoxigraph import NamedNode, Triple

from kg.errors import KgError, ParseError
from kg.inquiries import Inquiries
from kg.proofchecking import Flaw, ProofChecker
from kg.scenarios import conclusions
from kg.trust import policy_named
from kg.views import view_exists
from kg.vocab import FOEDUS, GRAPH

__all__ = ["Audit", "Unproven", "audit", "audit_file"]


@dataclass(frozen=True)
class Unproven:
    """A conclusion whose proof does not stand.

    Attributes:
        policy: name of the trust policy.
        conclusion: what is concluded, in words or by IRI.
        flaw: what is wrong.
    """

    policy: str
    conclusion: str
    flaw: Flaw

    def __str__(self) -> str:
        return f"unproven ({self.policy}): {self.conclusion}: {self.flaw}"


@dataclass(frozen=True)
class Audit:
    """What an audit found.

    Attributes:
        proofs: how many proofs were checked.
        unproven: every flaw in any of them.
        left_out: how many conclusions were not looked at.
    """

    proofs: int
    unproven: tuple[Unproven, ...]
    left_out: int = 0


def audit(
    graph: Inquiries,
    *,
    sample: int | None = None,
    progress: Callable[[int, int], None] = lambda done, total: None,
) -> Audit:
    """Explain every conclusion under every policy that the graph was built for, and check the proofs.

    Conclusions are the episodes, obligations, hostilities and shortcuts between states.

    Args:
        graph: a built graph.
        sample: how many conclusions of each policy to look at, spread evenly over their IRIs; all where not given.
        progress: called with how many conclusions of a policy have been looked at, and of how many.

    Example:
        >>> from kg import KnowledgeGraph
        >>> audit(KnowledgeGraph.open()).unproven
        ()
    """
    count = left_out = 0
    found = []
    for name, policy in graph.trust_policies().items():
        if not view_exists(graph.store, policy.view):
            continue
        checker, explainer = ProofChecker(graph.store, policy), graph.explainer(policy=name)
        targets = list(_targets(graph, policy.view))
        if sample is not None and sample < len(targets):
            left_out += len(targets) - sample
            targets = [targets[place * len(targets) // sample] for place in range(sample)]
        for number, target in enumerate(targets):
            progress(number, len(targets))
            try:
                proofs, _ = explainer.find(target)
            except KgError as fault:
                found.append(Unproven(name, str(target), Flaw("", "", str(fault))))
                continue
            for proof in proofs:
                count += 1
                found += [Unproven(name, proofs[0].root.says, flaw) for flaw in checker.check(proof.to_dict())]
    return Audit(count, tuple(found), left_out)


def audit_file(graph: Inquiries, file: Path, *, progress: Callable[[str], None] = lambda stage: None) -> Audit:
    """Check the proofs in a file, as ``kg explain --format json`` writes them, against what the sources of a graph say.

    Args:
        graph: a built graph.
        file: the file.
        progress: called with the name of each stage as it begins.

    Raises:
        ParseError: it is not JSON, or holds no proofs.
        UnknownName: a proof names a trust policy that the graph does not know.
    """
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
    except (UnicodeDecodeError, json.JSONDecodeError) as fault:
        raise ParseError(str(file), f"is not JSON: {fault}") from fault
    proofs = data.get("proofs") if isinstance(data, dict) else None
    if not isinstance(proofs, list) or not proofs:
        raise ParseError(str(file), "holds no proofs; `kg explain --format json` writes them")
    progress("reading")
    # Reading a long record takes far longer than checking a proof.
    checkers = {
        (name, day): ProofChecker(graph.store, policy_named(graph.trust_policies(), name).as_known_by(day))
        for name, day in dict.fromkeys(map(_policy_of, proofs))
    }
    progress("checking proofs")
    found = []
    for number, proof in enumerate(proofs, 1):
        name, day = _policy_of(proof)
        found += [Unproven(name, f"proof {number}", flaw) for flaw in checkers[name, day].check(proof)]
    return Audit(len(proofs), tuple(found))


def _policy_of(proof: Any) -> tuple[str, date | None]:
    from kg.access import day

    view = proof.get("view") if isinstance(proof, dict) else None
    name, _, known_by = str(view or "").partition("/known-by/")
    return name, day("view", known_by) if known_by else None


def _targets(graph: Inquiries, view: str) -> Iterator[NamedNode | Triple]:
    for key in sorted(conclusions(graph.store, view), key=str):
        yield NamedNode(key) if isinstance(key, str) else Triple(*map(NamedNode, key))
    derived = {t.subject for t in graph.store.match([GRAPH.derived(view)], predicate=FOEDUS.hostile)}
    yield from sorted((node for node in derived if isinstance(node, NamedNode)), key=str)
