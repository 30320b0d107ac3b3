"""Triad-years computed from tables with data frames alone; it shares no code with the graph or its export."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from tests.history.conftest import NAMES

KINDS = {
    "consultation": "consul",
    "defense": "defense",
    "neutrality": "neutral",
    "nonaggression": "nonagg",
    "offense": "offense",
}


def obligations(path: Path, last: int) -> pd.DataFrame:
    """Who owes whom what, by year; what is in force when the data end may go on."""
    frame = pd.read_csv(path)
    flags = {f"atop_{short}": kind for kind, short in KINDS.items()}
    frame = frame.rename(columns=flags)[["ccode1", "ccode2", "year", *KINDS]]
    end = frame["year"].max()
    still = frame[frame["year"] == end]
    later = [still.assign(year=year) for year in range(int(end) + 1, last + 1)]
    frame = pd.concat([frame.assign(surely=1), *(part.assign(surely=0) for part in later)])
    frame = frame[frame[list(KINDS)].any(axis=1)]
    for kind in KINDS:
        frame[f"{kind}_definite"] = frame[kind] * frame["surely"]
    return frame.rename(columns={"ccode1": "supplier", "ccode2": "state"})


def _bound(years: pd.Series, months: pd.Series, days: pd.Series, *, last: bool) -> pd.Series:
    """The first day that a date with missing parts can mean, as text, or the last one."""
    known = months.between(1, 12)
    month = months.where(known, 12 if last else 1)
    ends = pd.to_datetime(pd.DataFrame({"year": 2000 + years % 4, "month": month, "day": 1})).dt.days_in_month
    day = days.where(known & days.between(1, 31), ends if last else 1)
    return pd.Series(
        [f"{y:04d}-{m:02d}-{d:02d}" for y, m, d in zip(years, month.astype(int), day.astype(int), strict=True)],
        index=years.index,
    )


def memberships(path: Path, last: int) -> pd.DataFrame:
    """Who owes whom what, by year, out of spells of membership of the same treaty that can have met on a day.

    It is definite in the years of the days on which they met however what is not known of their dates is read.
    """
    frame = pd.read_csv(path).rename(columns={short: kind for kind, short in KINDS.items()})
    treaty = ["atopid", "phase"]
    dates = [f"{part}{which}" for which in ("ent", "exit") for part in ("yr", "mo", "day")]
    frame = frame.loc[frame["yrent"] > 0, [*treaty, "member", *dates, *KINDS]].copy()
    entry = frame["yrent"], frame["moent"], frame["dayent"]
    frame["begin"], frame["begin_latest"] = _bound(*entry, last=False), _bound(*entry, last=True)
    closed = frame["yrexit"] > 0
    frame["end"] = "9999-12-31"  # in force when the data end, or left at a time that is not known
    stops = max(2016, frame["yrent"].max(), frame["yrexit"].max())
    frame["end_earliest"] = f"{stops}-12-31"
    frame.loc[frame["yrexit"] < 0, "end_earliest"] = frame["begin"]
    gone = frame[closed]
    exits = gone["yrexit"], gone["moexit"], gone["dayexit"]
    frame.loc[closed, "end"] = _bound(*exits, last=True)
    frame.loc[closed, "end_earliest"] = _bound(*exits, last=False)
    frame["begin_latest"] = frame[["begin_latest", "end"]].min(axis=1)
    frame["end_earliest"] = frame[["end_earliest", "begin"]].max(axis=1)
    # Who is bound in one spell is bound in the others: the provision names states.
    for kind in KINDS:
        frame[kind] = frame.groupby([*treaty, "member"])[kind].transform("max")
    bounds = ["begin", "end", "begin_latest", "end_earliest"]
    both = frame.merge(frame[[*treaty, "member", *bounds]], on=treaty, suffixes=("", "_other"))
    both = both[both["member"] != both["member_other"]]
    for bound in bounds:
        pair = both[[bound, f"{bound}_other"]]
        both[bound] = pair.max(axis=1) if bound.startswith("begin") else pair.min(axis=1)
    both = both[both["begin"] <= both["end"]]
    met = both["begin_latest"] <= both["end_earliest"]
    years = {bound: both[bound].str[:4].astype(int) for bound in bounds}
    spans = zip(years["begin"], years["end"].clip(upper=last), strict=True)
    both = both.assign(met=met, **{f"{b}_year": y for b, y in years.items()}, year=[range(a, b + 1) for a, b in spans])
    both = both.explode("year").dropna(subset=["year"]).astype({"year": int})
    sure = both["met"] & both["year"].between(both["begin_latest_year"], both["end_earliest_year"])
    for kind in KINDS:
        both[f"{kind}_definite"] = both[kind] * sure.astype(int)
    both = both.rename(columns={"member": "supplier", "member_other": "state"})
    kinds = [*KINDS, *(f"{kind}_definite" for kind in KINDS)]
    owed = both.groupby(["supplier", "state", "year"])[kinds].max().reset_index()
    return owed[owed[list(KINDS)].any(axis=1)]


def transfers(path: Path) -> pd.DataFrame:
    """How many deals delivered by whom to whom in each year; deals of uncertain supplier are not counted."""
    frame = pd.read_csv(path, dtype=str, keep_default_na=False)
    frame = frame[~frame["Comments"].str.contains("supplier uncertain", case=False)]
    frame["supplier"] = frame["Supplier"].map(NAMES)
    frame["adversary"] = frame["Recipient"].map(NAMES)
    frame = frame[frame["supplier"] != frame["adversary"]]
    frame["year"] = frame["Year(s) of delivery"].str.findall(r"\d{4}")
    frame["spread"] = pd.to_numeric(frame["SIPRI TIV of delivered weapons"]) / frame["year"].str.len()
    years = frame["year"].map(lambda found: sorted({int(y) for y in found}))
    gapless = years.map(lambda y: bool(y) and y[-1] - y[0] + 1 == len(y))
    frame["spread"] = (pd.to_numeric(frame["SIPRI TIV of delivered weapons"]) / years.str.len()).where(gapless, 0.0)
    frame = frame.assign(year=years).explode("year").dropna(subset=["year"])
    frame["year"] = frame["year"].astype(int)
    grouped = frame.groupby(["supplier", "adversary", "year"])
    return grouped.agg(transfers=("spread", "size"), tiv_spread=("spread", "sum")).reset_index()


def hostilities(conflicts: Path, rivalries: Path, last: int) -> pd.DataFrame:
    """Who was hostile to whom, both ways, by year and kind."""
    fought = pd.read_csv(conflicts, dtype=str, keep_default_na=False)
    found = []
    for row in fought.to_dict("records"):
        sides = [f"{row[f'gwno_{s}']},{row[f'gwno_{s}_2nd']}".replace(",", " ").split() for s in "ab"]
        found += [(int(a), int(b), int(row["year"]), "conflict", 1) for a in sides[0] for b in sides[1]]
    listed = pd.read_csv(rivalries).rename(columns={"styear": "start", "endyear": "end"})
    stops = listed["end"].max()
    for row in listed.to_dict("records"):
        end = last if row["end"] == stops else row["end"]
        pair = row["ccode1"], row["ccode2"]
        found += [(*pair, year, "rivalry", int(year <= stops)) for year in range(row["start"], end + 1)]
    frame = pd.DataFrame(found, columns=["adversary", "state", "year", "kind", "definite"])
    frame = pd.concat([frame, frame.rename(columns={"adversary": "state", "state": "adversary"})])
    kinds = [
        part.pivot_table(index=["adversary", "state", "year"], columns="kind", values=column, aggfunc="max")
        for part, column in (
            (frame.assign(one=1), "one"),
            (frame.assign(kind=frame["kind"] + "_definite"), "definite"),
        )
    ]
    return pd.concat(kinds, axis=1).fillna(0).reset_index()


def covered(tables: dict[str, Path]) -> dict[str, tuple[int, int]]:
    """The first and the last year for which each table speaks, by the columns about which it does.

    ATOP begins with 1815 (4.01 ends with 2016), UCDP with 1946 and ends the year before its version, the rivalries
    begin with 1494.
    """
    fought = pd.read_csv(_of(tables, "ucdp-acd", "ucdp-dyadic"))
    listed = pd.read_csv(tables["rivalry"]).rename(columns={"endyear": "end"})
    until = pd.read_csv(tables["atop-dyads"])["year"].max() if "atop-dyads" in tables else 2016
    spans = {
        "conflict": (1946, 2000 + int(float(fought["version"].iloc[0])) - 1),
        "rivalry": (1494, listed["end"].max()),
    }
    return spans | dict.fromkeys((*KINDS, "supplier_owes_adversary"), (1815, until))


def _of(tables: dict[str, Path], *names: str) -> Path:
    return next(tables[name] for name in names if name in tables)


def triads(tables: dict[str, Path], first: int, last: int) -> pd.DataFrame:
    """The triad-years of four tables; where nothing is found in a year for which no table speaks, a place is empty."""
    if "atop-dyads" in tables:
        owed = obligations(tables["atop-dyads"], last)
    else:
        owed = memberships(tables["atop-members"], last)
    fought = hostilities(_of(tables, "ucdp-acd", "ucdp-dyadic"), tables["rivalry"], last)
    found = transfers(tables["sipri"]).merge(fought, on=["adversary", "year"])
    found = found.merge(owed, on=["supplier", "state", "year"])
    back = owed.rename(columns={"state": "adversary"})[["supplier", "adversary", "year"]].assign(owes=1)
    found = found.merge(back, on=["supplier", "adversary", "year"], how="left")
    found["supplier_owes_adversary"] = found["owes"].fillna(0).astype(int)
    found = found[found["year"].between(first, last)]
    for kind in ("conflict", "rivalry", "conflict_definite", "rivalry_definite"):
        if kind not in found:
            found[kind] = 0
    found["transfers_definite"] = found["transfers"]
    bond, threat = ([f"{kind}_definite" for kind in kinds] for kinds in (KINDS, ("conflict", "rivalry")))
    sure = found[bond].any(axis=1) & found[threat].any(axis=1) & (found["transfers_definite"] > 0)
    found["overlap"] = sure.map({True: "definite", False: "possible"})
    found = _typed(found)
    for column, (begin, end) in covered(tables).items():
        silent = (found[column] == 0) & ~found["year"].between(begin, end)
        found.loc[silent, column] = pd.NA
        if f"{column}_definite" in found:
            found.loc[silent, f"{column}_definite"] = pd.NA
    return found


def exported(path: Path) -> pd.DataFrame:
    """The exported table in the columns of :func:`triads`."""
    frame = pd.read_csv(path)
    return _typed(frame.rename(columns={f"{role}_cow": role for role in ("supplier", "state", "adversary")}))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["year", "supplier", "state", "adversary"]
    for name in (*KINDS, "transfers", "conflict", "rivalry"):
        columns += [name, f"{name}_definite"]
    columns += ["supplier_owes_adversary", "tiv_spread", "overlap"]
    types = {"tiv_spread": "float64", "overlap": "object"}
    return (
        frame[columns]
        .astype({c: types.get(c, "Int64") for c in columns})
        .sort_values(columns[:4])
        .reset_index(drop=True)
    )
