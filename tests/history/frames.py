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
    """Who owes whom what, by year, out of spells of membership of the same treaty that can have met on a day."""
    frame = pd.read_csv(path).rename(columns={short: kind for kind, short in KINDS.items()})
    treaty = ["atopid", "phase"]
    dates = [f"{part}{which}" for which in ("ent", "exit") for part in ("yr", "mo", "day")]
    frame = frame.loc[frame["yrent"] > 0, [*treaty, "member", *dates, *KINDS]].copy()
    frame["begin"] = _bound(frame["yrent"], frame["moent"], frame["dayent"], last=False)
    closed = frame["yrexit"] > 0
    frame["end"] = "9999-12-31"  # in force when the data end, or left at a time that is not known
    gone = frame[closed]
    frame.loc[closed, "end"] = _bound(gone["yrexit"], gone["moexit"], gone["dayexit"], last=True)
    # Who is bound in one spell is bound in the others: the provision names states.
    for kind in KINDS:
        frame[kind] = frame.groupby([*treaty, "member"])[kind].transform("max")
    both = frame.merge(frame[[*treaty, "member", "begin", "end"]], on=treaty, suffixes=("", "_other"))
    both = both[both["member"] != both["member_other"]]
    begin, end = both[["begin", "begin_other"]].max(axis=1), both[["end", "end_other"]].min(axis=1)
    met = begin <= end
    both, begin, end = both[met], begin[met].str[:4].astype(int), end[met].str[:4].astype(int).clip(upper=last)
    both = both.assign(year=[list(range(a, b + 1)) for a, b in zip(begin, end, strict=True)]).explode("year")
    both = both.dropna(subset=["year"]).astype({"year": int})
    both = both.rename(columns={"member": "supplier", "member_other": "state"})
    owed = both.groupby(["supplier", "state", "year"])[list(KINDS)].max().reset_index()
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
        found += [(int(a), int(b), int(row["year"]), "conflict") for a in sides[0] for b in sides[1]]
    listed = pd.read_csv(rivalries).rename(columns={"styear": "start", "endyear": "end"})
    stops = listed["end"].max()
    for row in listed.to_dict("records"):
        end = last if row["end"] == stops else row["end"]
        found += [(row["ccode1"], row["ccode2"], year, "rivalry") for year in range(row["start"], end + 1)]
    frame = pd.DataFrame(found, columns=["adversary", "state", "year", "kind"])
    both = pd.concat([frame, frame.rename(columns={"adversary": "state", "state": "adversary"})]).drop_duplicates()
    return (
        both.assign(one=1)
        .pivot_table(index=["adversary", "state", "year"], columns="kind", values="one", fill_value=0, aggfunc="max")
        .reset_index()
    )


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
    for kind in ("conflict", "rivalry"):
        if kind not in found:
            found[kind] = 0
    found = _typed(found)
    for column, (begin, end) in covered(tables).items():
        found.loc[(found[column] == 0) & ~found["year"].between(begin, end), column] = pd.NA
    return found


def exported(path: Path) -> pd.DataFrame:
    """The exported table in the columns of :func:`triads`."""
    frame = pd.read_csv(path)
    return _typed(frame.rename(columns={f"{role}_cow": role for role in ("supplier", "state", "adversary")}))


def _typed(frame: pd.DataFrame) -> pd.DataFrame:
    columns = ["year", "supplier", "state", "adversary", *KINDS, "supplier_owes_adversary", "transfers", "tiv_spread"]
    columns += ["conflict", "rivalry"]
    return (
        frame[columns]
        .astype({c: "float64" if c == "tiv_spread" else "Int64" for c in columns})
        .sort_values(columns[:4])
        .reset_index(drop=True)
    )
