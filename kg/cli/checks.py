"""``kg validate`` and ``kg verify``: whether data are right, and whether conclusions follow."""

from __future__ import annotations

from pathlib import Path

import click

from kg.cli.build import sources
from kg.cli.options import only_option, open_graph, store_option
from kg.cli.output import emit, violation_text
from kg.cli.progress import Stages
from kg.cli.telling import tell
from kg.errors import UsageError
from kg.settings import RemoteSettings

__all__ = ["validate", "verify"]


@click.command(short_help="Check files of facts against the shapes.", epilog="Example: kg validate my-facts.ttl")
@click.argument(
    "files", nargs=-1, metavar="FILE…", required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False)
)
@only_option
@click.pass_context
def validate(ctx: click.Context, files: tuple[Path, ...], *, only: bool) -> None:
    """Check FILEs of facts, together with the facts that ship, as building would.

    Prints every violation: the file, the node, the property, what is wrong and what to do about it.
    """
    from kg.documents import read_documents
    from kg.validation import validate as validated

    documents = read_documents(sources(files, only=only))
    with Stages(lines=False) as stages:
        stages("validating")
        found = validated({document.file: document.triples for document in documents})
    violations = [v for v in found if v.severity == "Violation"]
    # Advice on the facts that ship is of no use to somebody who checks their own.
    own = {str(path) for path in files}
    shown = [v for v in found if v.severity == "Violation" or v.file in own]
    emit("\n\n".join(violation_text(v) for v in shown), None)
    if violations:
        tell(f"{len(violations)} {'violation' if len(violations) == 1 else 'violations'}")
        ctx.exit(1)
    emit("conforms", None)


@click.command(
    short_help="Recompute the conclusions and compare.",
    epilog="Example: kg verify --store ./store",
)
@click.option(
    "--proofs",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="Check only the proofs in FILE, as `kg explain --format json` writes them.",
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Check the proofs of N conclusions of each policy, spread evenly over their IRIs.  [default: of all]",
)
@click.option(
    "--reasoner",
    type=click.Choice(["reference", "compiled"]),
    metavar="NAME",
    help="What runs OWL 2 RL again: reference, which is owlrl, or compiled, which built the graph.  [default: "
    "reference for up to 50,000 triples of sources, beyond which it takes hours]",
)
@store_option
@click.pass_context
def verify(
    ctx: click.Context,
    *,
    proofs: Path | None,
    sample: int | None,
    reasoner: str | None,
    store: Path | RemoteSettings | None,
) -> None:
    """Recompute every conclusion of a graph from its asserted facts, and check every proof.

    Acceptance, rules and OWL 2 RL run again on a copy, and each difference to what the graph holds is printed; so is
    every row of the check queries that ship. Then every conclusion is explained, and its proofs are checked step by
    step against the facts by a checker that shares nothing with what made them. For the academic record that takes
    hours, and --sample minutes.
    """
    from kg.auditing import audit, audit_file
    from kg.verifying import verify as verified

    if proofs is not None and (sample or reasoner):
        raise UsageError("--proofs checks the proofs in a file and nothing else; leave out --sample, --reasoner")
    graph = open_graph(store)
    if proofs is not None:
        with Stages() as stages:
            audited = audit_file(graph, proofs, progress=stages)
        for flaw in audited.unproven:
            emit(str(flaw), None)
        if audited.unproven:
            tell(f"{len(audited.unproven)} flaws in {audited.proofs} proofs")
            ctx.exit(1)
        emit(f"verified: {audited.proofs} proofs", None)
        return
    with Stages() as stages:
        report = verified(graph.store, reference=None if reasoner is None else reasoner == "reference", progress=stages)
        stages("checking proofs")
        audited = audit(graph, sample=sample, progress=stages.count)
    for flaw in audited.unproven:
        emit(str(flaw), None)
    for difference in report.differences:
        emit(str(difference), None)
    for fault in report.faults:
        emit(str(fault), None)
    if audited.unproven or not report.sound:
        counts = f"{len(report.differences)} differences, {len(report.faults)} faults, {len(audited.unproven)} flaws"
        tell(f"{counts}; build the graph again")
        ctx.exit(1)
    policies = f"{report.views} {'policy' if report.views == 1 else 'policies'}"
    emit(
        f"verified: {report.triples:,} triples under {policies}, {report.checks} checks, {audited.proofs:,} proofs",
        None,
    )
    if not report.reference:
        tell("note: OWL 2 RL was run by kg's own reasoner; --reasoner reference is owlrl")
    if audited.left_out:
        tell(f"note: the proofs of {audited.left_out:,} conclusions were not looked at")
