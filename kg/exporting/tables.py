"""The tables for statistics: directed dyad-years, triad-years, episodes and intervals of obligations."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pyarrow
from numpy.typing import NDArray
from pyarrow import compute

from kg.exporting.numberings import days, new_year
from kg.exporting.record import BOUNDS, HOSTILITIES, KINDS, OBLIGATIONS, Dated, Record
from kg.exporting.years import Ints, expand, held, lookup, match, pack, unpack
from kg.terms import PREFIXES

__all__ = ["directed_dyad_years", "episodes", "obligation_intervals", "states", "triad_years"]

_OPEN: Final = ("0001-01-01", "9999-12-31")
_CONDUCT: Final = ("supplyLeg", "acquiescenceLeg")
_HOSTILE: Final = ("hostilityLeg", "attackLeg", "triggerLeg")


def states(record: Record) -> pyarrow.Table:
    """A row a state."""
    table = record.states
    columns = {name: table.column(name) for name in ("name", "iso3")}
    columns |= {name: numbers.latest() for name, numbers in record.numbers.items()}
    columns |= {f"{name}_numbers": numbers.told() for name, numbers in record.numbers.items()}
    return pyarrow.table({**columns, "id": _ids(table, "state")})


def directed_dyad_years(record: Record) -> pyarrow.Table:
    """A row a pair of states and year in which the first owed the other, supplied it or was hostile to it."""
    count = record.states.num_rows
    parts = [(kind, record.obligations.of_kind(kind)) for kind in OBLIGATIONS]
    parts += [("transfers", record.transfers.spells)]
    parts += [(kind, record.hostilities.of_kind(kind)) for kind in HOSTILITIES]
    may = {name: spells.years(count)[0] for name, spells in parts}
    surely = {name: spells.years(count, surely=True)[0] for name, spells in parts}
    keys = np.unique(np.concatenate(list(may.values())))
    one, other, year = unpack(keys, count)
    day = new_year(year)
    columns: dict[str, Any] = {"year": year, **_codes(record, "one", one, day), **_codes(record, "other", other, day)}
    for kind in OBLIGATIONS:
        columns |= _flags(record, "obligations", kind, year, held(keys, may[kind]), held(keys, surely[kind]))
    columns |= _transfers(record, keys, year, may["transfers"], surely["transfers"])
    for kind in HOSTILITIES:
        columns |= _flags(record, kind, kind, year, held(keys, may[kind]), held(keys, surely[kind]))
    return pyarrow.table({**columns, "grain": ["year"] * len(keys)})


def triad_years(record: Record) -> pyarrow.Table:
    """A row a supplier, a state to which it owed something, an adversary of that state that it armed, and a year.

    The year grain asks that the obligation, the transfer and the hostility were each in force on some day of the
    year, and not that the three met on one day; ``episodes`` counts those that did.
    """
    count = record.states.num_rows
    obligations = record.obligations.spells
    owed, owed_from = obligations.years(count)
    supplied = np.unique(record.transfers.spells.years(count)[0])
    hostile = np.unique(record.hostilities.spells.years(count)[0])
    supplier, armed, year = unpack(supplied, count)
    adversary, against, when = unpack(hostile, count)
    left, right = match(armed * 10_000 + year, adversary * 10_000 + when)
    supplier, armed, year, state = supplier[left], armed[left], year[left], against[right]
    bond = pack(supplier, state, year, count)
    kept = np.isin(bond, owed) & (supplier != state)
    supplier, armed, year, state, bond = (part[kept] for part in (supplier, armed, year, state, bond))
    order = np.lexsort((armed, state, supplier, year))
    supplier, armed, year, state, bond = (part[order] for part in (supplier, armed, year, state, bond))
    supply, threat = pack(supplier, armed, year, count), pack(armed, state, year, count)

    day = new_year(year)
    columns: dict[str, Any] = {
        "year": year,
        **_codes(record, "supplier", supplier, day),
        **_codes(record, "state", state, day),
        **_codes(record, "adversary", armed, day),
    }
    bound = np.zeros(len(year), np.int64)
    for kind in OBLIGATIONS:
        spells = record.obligations.of_kind(kind)
        sure = held(bond, spells.years(count, surely=True)[0])
        columns |= _flags(record, "obligations", kind, year, held(bond, spells.years(count)[0]), sure)
        bound |= sure
    columns["alliances"] = _listed(bond, owed, owed_from, record.obligations.text("alliance"), record.labels)
    columns["supplier_owes_adversary"] = record.covered.silent("obligations", year, held(supply, owed))
    surely_supplied = record.transfers.spells.years(count, surely=True)[0]
    columns |= _transfers(record, supply, year, record.transfers.spells.years(count)[0], surely_supplied)
    threatened = np.zeros(len(year), np.int64)
    for kind in HOSTILITIES:
        spells = record.hostilities.of_kind(kind)
        sure = held(threat, spells.years(count, surely=True)[0])
        columns |= _flags(record, kind, kind, year, held(threat, spells.years(count)[0]), sure)
        threatened |= sure
    definite = bound & threatened & held(supply, surely_supplied)
    columns["overlap"] = np.where(definite == 1, "definite", "possible")
    columns["episodes"] = _dated_meetings(record, supplier, armed, year, state)
    return pyarrow.table({**columns, "grain": ["year"] * len(year)})


def obligation_intervals(record: Record) -> pyarrow.Table:
    """A row an obligation: who owed whom what, under which alliance, and the four bounds of when."""
    rows, spells = record.obligations.rows, record.obligations.spells
    day = days(record.obligations.text("begin_earliest"))
    columns = {
        "obligation": _ids(rows, "node"),
        **_codes(record, "obligor", spells.one, day),
        **_codes(record, "obligee", spells.other, day),
        "kind": rows.column("kind"),
        "alliance": [record.labels.get(a, a) for a in record.obligations.text("alliance")],
        "alliance_id": _ids(rows, "alliance"),
        **_ending(rows),
    }
    return pyarrow.table({**columns, "grain": ["day"] * rows.num_rows})


def episodes(record: Record) -> pyarrow.Table:
    """A row a conclusion: who acted against whom, or was bound to both sides, and the four bounds of when."""
    bond = _premises(record, ("obligationLeg", "firstLoyaltyLeg"), record.obligations)
    second = _premises(record, ("secondLoyaltyLeg",), record.obligations)
    threat = _premises(record, _HOSTILE, record.hostilities)
    event = _words(record.hostilities.text("arises_from"), threat)
    did = compute.fill_null(_leg(record, _CONDUCT), "").to_pylist()
    named = _words(record.obligations.text("alliance"), bond)
    day = days(record.episodes.column("begin_earliest").to_pylist())
    columns = {
        "episode": _ids(record.episodes, "node"),
        "kind": _kinds(record),
        **_codes(record, "obligor", _at(record.obligations.spells.one, bond), day),
        **_codes(record, "obligee", _at(record.obligations.spells.other, bond), day),
        **_codes(record, "second_obligee", _at(record.obligations.spells.other, second), day),
        **_codes(record, "adversary", _at(record.hostilities.spells.one, threat), day),
        "obligation_kind": _words(record.obligations.text("kind"), bond),
        "alliance": [record.labels.get(a, a) for a in named],
        "conduct": [record.labels.get(d, d) for d in did],
        "hostility_kind": _words(record.hostilities.text("kind"), threat),
        "hostility": [record.labels.get(e, e) for e in event],
        **_ending(record.episodes),
        "coverage": [value.rpartition("#")[2] for value in record.episodes.column("coverage").to_pylist()],
    }
    return pyarrow.table({**columns, "grain": ["day"] * record.episodes.num_rows})


def _codes(record: Record, role: str, states: Ints, day: Ints) -> dict[str, Any]:
    """A state in each of the ways that data sets name it on a day."""
    place = pyarrow.array(states, mask=states < 0)
    found = {name: compute.fill_null(record.states.column(name).take(place), "") for name in ("name", "iso3")}
    found |= {name: numbers.on(states, day) for name, numbers in record.numbers.items()}
    return {f"{role}_{name}": column for name, column in found.items()}


def _flags(record: Record, what: str, name: str, year: Ints, may: Ints, surely: Ints) -> dict[str, Any]:
    """Whether something may have held and whether it did, empty where it did not and nobody speaks for the year."""
    silent = record.covered.silent
    return {name: silent(what, year, may), f"{name}_definite": silent(what, year, may, surely)}


def _transfers(record: Record, keys: Ints, year: Ints, may: Ints, surely: Ints) -> dict[str, Any]:
    """How many transfers touch each pair and year, and their trend-indicator value."""
    count = record.states.num_rows
    spells = record.transfers.spells
    known, numbers = np.unique(may, return_counts=True)
    sure, sure_numbers = np.unique(surely, return_counts=True)
    value = np.array([float(text) if text else np.nan for text in record.transfers.text("tiv")], dtype=np.float64)
    valued = ~np.isnan(value)
    # The share of a year is of the whole delivery, years outside the table included.
    first, last = (
        np.array([int(text[:4]) for text in record.transfers.text(bound)], dtype=np.int64)
        for bound in ("begin_earliest", "end_latest")
    )
    year_keys, place = spells.take(valued).years(count)
    share = (value[valued] / np.maximum(last - first + 1, 1)[valued])[place]
    valued_keys, inverse = np.unique(year_keys, return_inverse=True)
    totals = np.bincount(inverse, weights=share, minlength=len(valued_keys))
    with_value = np.bincount(inverse, minlength=len(valued_keys))
    found = lookup(keys, known, numbers)
    columns = {
        "transfers": found,
        "transfers_definite": lookup(keys, sure, sure_numbers),
        "transfers_with_tiv": lookup(keys, valued_keys, with_value),
        "tiv_spread": np.round(lookup(keys, valued_keys, totals), 4),
    }
    return {name: record.covered.silent("transfers", year, found, values) for name, values in columns.items()}


def _listed(keys: Ints, known: Ints, place: Ints, values: Sequence[str], labels: dict[str, str]) -> NDArray[np.object_]:
    """The names under each key, in order and once each."""
    wanted = np.unique(keys)
    names, code = np.unique(np.array([labels.get(v, v) for v in values], dtype=object), return_inverse=True)
    chosen = np.isin(known, wanted)
    pairs = np.unique(np.searchsorted(wanted, known[chosen]) * (len(names) + 1) + code[place[chosen]])
    row, name = np.divmod(pairs, len(names) + 1)
    ends = np.searchsorted(row, np.arange(len(wanted) + 1))
    texts: dict[tuple[int, ...], str] = {}
    listed = np.empty(len(wanted), dtype=object)
    for number in range(len(wanted)):
        one = tuple(name[ends[number] : ends[number + 1]].tolist())
        listed[number] = texts.setdefault(one, "; ".join(names[list(one)])) if one else ""
    return listed[np.searchsorted(wanted, keys)]


def _dated_meetings(record: Record, supplier: Ints, armed: Ints, year: Ints, state: Ints) -> Ints:
    """How many episodes at day grain touch each supplier, adversary, state and year."""
    count = record.states.num_rows
    first, last = (
        np.array([int(text[:4]) for text in record.episodes.column(b).to_pylist()], dtype=np.int64)
        for b in ("begin_earliest", "end_latest")
    )
    bond = _premises(record, ("obligationLeg",), record.obligations)
    deal = _premises(record, ("supplyLeg",), record.transfers)
    kept = (bond >= 0) & (deal >= 0)
    # Three states and a year do not fit a key of two states, so pairs of supplier and state are numbered first.
    one, other = record.obligations.spells.one[bond[kept]], record.obligations.spells.other[bond[kept]]
    to = record.transfers.spells.other[deal[kept]]
    start, stop = np.maximum(first[kept], record.years[0]), np.minimum(last[kept], record.years[1])
    place, when = expand(start, stop)
    known, numbers = np.unique(pack((one * count + other)[place], to[place], when, count), return_counts=True)
    return np.asarray(lookup(pack(supplier * count + state, armed, year, count), known, numbers), dtype=np.int64)


def _leg(record: Record, names: Sequence[str]) -> Any:
    """The first of some legs that each conclusion has, null where it has none."""
    nodes = record.episodes.column("node")
    found = pyarrow.nulls(len(nodes), pyarrow.string())
    for name in names:
        legs = record.legs.filter(compute.equal(record.legs.column("leg"), name))
        place = compute.index_in(nodes, value_set=legs.column("node"))
        found = compute.coalesce(found, legs.column("premise").take(place))
    return found


def _premises(record: Record, names: Sequence[str], dated: Dated) -> Ints:
    """The row of the first of some legs that each conclusion has, -1 where it has none."""
    place = compute.index_in(_leg(record, names), value_set=dated.rows.column("node"), skip_nulls=True)
    return np.asarray(compute.fill_null(place, -1).to_numpy(), dtype=np.int64)


def _kinds(record: Record) -> Any:
    """The kinds of each conclusion in words, an empty text where none is defined for its premises."""
    nodes, kinds = record.episodes.column("node"), record.kinds.column("kind")
    words = compute.if_else(compute.is_valid(nodes), "", "")
    for kind in KINDS:
        of_kind = record.kinds.column("node").filter(compute.equal(kinds, kind))
        longer = compute.if_else(compute.equal(words, ""), kind, compute.binary_join_element_wise(words, kind, "; "))
        words = compute.if_else(compute.is_in(nodes, value_set=of_kind), longer, words)
    return words


def _at(values: Ints, places: Ints) -> Ints:
    return np.where(places < 0, -1, values[places] if len(values) else -1)


def _words(values: Sequence[str], places: Ints) -> list[str]:
    return ["" if place < 0 else values[place] for place in places.tolist()]


def _ids(rows: pyarrow.Table, column: str) -> Any:
    """Nodes by what follows the base of our own IRIs, other nodes by their IRI in full."""
    return compute.replace_substring_regex(rows.column(column), f"^{PREFIXES['id']}", "")


def _ending(rows: pyarrow.Table) -> dict[str, Any]:
    """Bounds, empty where no source bounds the day; how the dates meet; and how sure the weakest premise is."""
    columns: dict[str, Any] = {}
    for bound in BOUNDS:
        days = rows.column(bound)
        columns[bound] = compute.if_else(compute.is_in(days, value_set=pyarrow.array(_OPEN)), "", days)
    for name in ("overlap", "status"):
        columns[name] = compute.utf8_lower(compute.replace_substring_regex(rows.column(name), "^.*#", ""))
    return columns
