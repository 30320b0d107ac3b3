"""What a query is not taken apart for: nothing is missed."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from kg.http.protocol import outline
from kg.http.words import mentions

PIECES = st.sampled_from(
    ["?", "$", "@", "from", "FROM", "SERVICE", "service", "x:", "<", ">", "'", '"', "'''", "\\", "\\?", "#", "\n", " ",
     "{",
     "_", "1", "\u017f", "\u0149", "\u0390", "\u00b2", "a", "."]
)  # fmt: skip


@settings(max_examples=1000)
@given(st.lists(PIECES, max_size=12).map("".join))
@example("?\u00b2SERVICE")
@example("?\u00b5SERVICE")
def test_no_keyword_is_missed(text: str) -> None:
    looks = outline(text)
    if looks.remote:
        assert mentions(text, ["SERVICE"])
    if looks.dataset:
        assert mentions(text, ["FROM"])
