"""Explanations: the proofs of one conclusion in every form in which a reader may want them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import sha256
from typing import Any

from kg.errors import UsageError
from kg.explaining import Carried, Proof, minimal_withdrawals

__all__ = ["Explanation", "Quotation"]


@dataclass(frozen=True)
class Quotation:
    """One passage out of the reader's own copy of a text.

    Attributes:
        claim: what the claim says, in words of the graph.
        paragraph: number of the paragraph.
        words: the passage itself.
        intact: whether the passage is the one that the claim was taken from, by its digest.
    """

    claim: str
    paragraph: int
    words: str
    intact: bool


@dataclass(frozen=True)
class Explanation:
    """Why something follows.

    Attributes:
        subject: what is explained, in words.
        proofs: all independent proofs, surest first, then by dates that meet under every reading, then shortest.
        names: a name for each claim and source that the proofs rest on, by IRI.
        carried: those claims as far as withdrawing them goes.
        whole: whether there are no more proofs than were looked at.
    """

    subject: str
    proofs: tuple[Proof, ...]
    names: Mapping[str, str] = field(repr=False)
    carried: Mapping[str, Carried] = field(repr=False)
    whole: bool = True

    def prose(self, *, full: bool = False) -> str:
        """A paragraph a proof that could be printed, or with ``full`` every step, numbered."""
        from kg.explaining.prose import account, paragraph

        tell = account if full else paragraph
        return "\n\n".join(f"{self._heading(n)}{tell(proof)}" for n, proof in enumerate(self.proofs, 1))

    def tree(self, *, full: bool = False) -> str:
        """A tree of lines a proof, the gist or every step."""
        from kg.explaining.prose import tree

        return "\n\n".join(f"{self._heading(n)}{tree(proof, full=full)}" for n, proof in enumerate(self.proofs, 1))

    def to_dict(self) -> dict[str, Any]:
        """All proofs as plain data, see ``kg/explaining/proof.schema.json``."""
        partial = {} if self.whole else {"partial": True}
        return {"explains": self.subject, **partial, "proofs": [proof.to_dict() for proof in self.proofs]}

    def to_trig(self) -> str:
        """All proofs as PROV-O in TriG, one named graph a proof."""
        from kg.explaining.provenance import trig

        return trig(self.proofs)

    def svg(self, number: int = 1) -> str:
        """A picture of one proof, the best where none is named.

        Args:
            number: which, counted from 1.

        Raises:
            UsageError: there are not so many proofs.
        """
        from kg.explaining.picture import svg

        if not 1 <= number <= len(self.proofs):
            raise UsageError(f"there is no proof {number}; there are {len(self.proofs)}")
        return svg(self.proofs[number - 1])

    def hangs_on(self, *, by_source: bool = False) -> list[frozenset[str]]:
        """The smallest sets of claims, or of sources, whose withdrawal ends the conclusion, smallest first, by IRI.

        None where not all proofs are there: what ends these need not end the others.
        """
        if not self.whole:
            return []
        return minimal_withdrawals(self.proofs, self.carried, by_source=by_source)

    def in_words(self, claims: Iterable[str]) -> str:
        """What some of the claims say that the proofs rest on, and where rows stand that say nothing in words.

        Args:
            claims: their IRIs.
        """
        from kg.rows import places_in_words

        claims = list(claims)
        rows = places_in_words(row for claim in claims for row in self._rows.get(claim, ()))
        words = sorted(self.names.get(claim, claim) for claim in claims if claim not in self._rows)
        return " ".join([*words, rows] if rows else words)

    @cached_property
    def _rows(self) -> Mapping[str, tuple[str, ...]]:
        sayings = (saying for proof in self.proofs for saying in proof.sayings)
        return {saying.claim: saying.rows for saying in sayings if saying.by_rows}

    def warning(self) -> str:
        """A plain sentence where the conclusion hangs on a single source, or on several each of which it needs.

        Or where there are so many proofs that what it hangs on is not known.
        """
        if not self.whole:
            return "There are more proofs than were looked at, so what it hangs on is not worked out."
        single = [next(iter(way)) for way in self.hangs_on(by_source=True) if len(way) == 1]
        if not single:
            return ""
        names = " or without ".join(sorted(self.names.get(source, source) for source in single))
        one = "one source" if len(single) == 1 else f"each of {len(single)} sources"
        return f"It hangs on {one}: without {names} it does not follow."

    def quote(self, text: str) -> list[Quotation]:
        """The passages behind the proofs, out of the reader's own copy of the text.

        Args:
            text: the copy, whole.

        Raises:
            UsageError: the copy is not the text that the claims were taken from.
        """
        digest = sha256(text.encode()).hexdigest()
        sayings = {s.claim: s for p in self.proofs for step in p.root.walk() for s in step.sayings}
        if all(saying.text_digest != digest for saying in sayings.values()):
            known = sorted({s.text_digest for s in sayings.values() if s.text_digest})
            wanted = f"expected SHA-256 {', '.join(known)}" if known else "no text of the sources is on record"
            raise UsageError(
                f"this copy differs from the text that the claims were taken from: SHA-256 {digest}, {wanted}"
            )
        quotations = []
        for saying in sayings.values():
            if saying.text_digest != digest:
                continue
            for passage in saying.passages:
                words = text[passage.start : passage.end]
                intact = sha256(words.encode()).hexdigest() == passage.digest
                quotations.append(Quotation(saying.says, passage.paragraph, words, intact))
        return sorted(set(quotations), key=lambda q: (q.paragraph, q.claim, q.words))

    def _heading(self, number: int) -> str:
        return f"Proof {number} of {len(self.proofs)}. " if len(self.proofs) > 1 else ""
