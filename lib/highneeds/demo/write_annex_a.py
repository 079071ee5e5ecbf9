"""Ofsted's Annex A: List 1, the plans in force on the day, and List 2, children on SEN Support; a workbook each."""

from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa

from highneeds import fields
from highneeds.demo import calibration as figures
from highneeds.demo.cells import columns, day_text, joined, plain, serial
from highneeds.demo.draws import ages_on, choose, day, words
from highneeds.demo.numbers import upns
from highneeds.demo.people import birth_days, persons_frame
from highneeds.demo.sheets import DAY, NUMBER, TEXT, Block, write_workbook
from highneeds.demo.world import World
from highneeds.demo.write_csv import person_ids

LIST_1 = (
    "Unique ID",
    "UPN",
    "ULN",
    "Date of birth",
    "Gender",
    "Ethnicity",
    "Date initial EHC plan issued",
    "Date updated EHC plan issued",
    "Date EHC plan last reviewed",
    "SEN primary need",
    "Main education establishment \N{EN DASH} URN",
    "Main education establishment \N{EN DASH} phase",
    "Subsidiary education establishment \N{EN DASH} phase (dual registration)",
    "Elective home education",
    "Suspensions",
    "Permanent exclusions",
    "Absence",
    "Pupil Premium",
    "Known to children's social care?",
    "Which children's social care team?",
    "Does the child or young person have a disability?",
)
_PLANS_ONLY = (*LIST_1[6:9], "Elective home education")
LIST_2 = tuple(heading for heading in LIST_1 if heading not in _PLANS_ONLY)
_PHASES = ("Early years", "Primary", "Secondary", "Post-16")
_SUPPORT_AGES = {age: 1 for age in range(4, 18)}
_Cells = dict[str, tuple[str, pa.Array]]


def write_annex_a(world: World, folder: Path) -> list[Path]:
    """Write both lists into a folder; gives their paths. Children are known by `INVENTED-` and a number."""
    return [
        write_workbook({"List 1": [Block(_list_1(world))]}, folder / "Annex A List 1.xlsx"),
        write_workbook({"List 2": [Block(_list_2(world))]}, folder / "Annex A List 2.xlsx"),
    ]


def _list_1(world: World) -> _Cells:
    """Plans in force, one row a child."""
    plans = _in_force(world)
    ids, person = plans["request_id"], plans["person_id"]
    people = world.modules[fields.PERSON]
    known = pd.Series(np.arange(len(people)), index=people["person_id"])
    rows = known[~known.index.duplicated()].reindex(person).to_numpy()
    births = people["birth_date"].take(rows).reset_index(drop=True)
    texts = _personal(columns(world, fields.PERSON, local=True))
    cells = {heading: (TEXT, text.take(pa.array(rows))) for heading, text in texts.items()}
    cells |= {"Unique ID": (TEXT, joined("INVENTED-", plain(person))), "Date of birth": _days(births)}
    active = world.modules[fields.ACTIVE_PLANS].drop_duplicates("request_id").set_index("request_id")
    days = (plans["start_date"], plans["updated_date"], ids.map(active["last_review"]))
    cells |= {heading: _days(values) for heading, values in zip(LIST_1[6:9], days, strict=True)}
    needs = world.modules[fields.SEN_NEED]
    main = needs[needs["sen_type_rank"].eq("1")].drop_duplicates("request_id").set_index("request_id")["sen_type"]
    cells["SEN primary need"] = (TEXT, plain(ids.map(main).astype("str")))
    cells |= _schools(world, ids, births) | _welfare(ids.to_numpy())
    return {heading: cells[heading] for heading in LIST_1}


def _in_force(world: World) -> pd.DataFrame:
    named = world.modules[fields.NAMED_PLAN]
    named = named.assign(person_id=person_ids(world, fields.NAMED_PLAN))
    now = named["start_date"].le(pd.Timestamp(world.as_at)) & ~named["cease_date"].le(pd.Timestamp(world.as_at))
    known = named["person_id"].isin(world.modules[fields.PERSON]["person_id"])
    return named[now & known].drop_duplicates("person_id").reset_index(drop=True)


def _personal(texts: dict[str, pa.Array]) -> dict[str, pa.Array]:
    """Columns of the person by their heading."""
    headings = {
        "UPN": "upn",
        "ULN": "uln",
        "Gender": "sex",
        "Ethnicity": "ethnicity",
        "Does the child or young person have a disability?": "disability",
    }
    return {heading: texts[name] for heading, name in headings.items() if name in texts}


def _days(values: pd.Series) -> tuple[str, pa.Array]:
    return DAY, day_text(values, serial)


def _schools(world: World, ids: pd.Series, births: pd.Series) -> _Cells:
    """Where each child is on the day: the main setting, and the phase of a second one."""
    placed = world.modules[fields.PLACEMENT_DETAIL]
    now = placed[placed["leaving_date"].isna()].drop_duplicates(["request_id", "placement_rank"], keep="last")
    by_rank = {rank: now[now["placement_rank"].eq(rank)].set_index("request_id") for rank in ("1", "2")}
    age = ages_on(births.to_numpy().astype("datetime64[D]").astype(np.int64), day(world.as_at))
    phase = np.searchsorted((5, 11, 16), age, side="right")
    at_home = ids.map(by_rank["1"]["sen_setting"]).eq("EHE").to_numpy()
    return {
        LIST_1[10]: (NUMBER, plain(ids.map(by_rank["1"]["urn"]).astype("str"))),
        LIST_1[11]: (TEXT, words(_PHASES, phase, ids.isin(by_rank["1"].index).to_numpy() & ~at_home)),
        LIST_1[12]: (TEXT, words(_PHASES, phase, ids.isin(by_rank["2"].index).to_numpy())),
        LIST_1[13]: (TEXT, words(("N", "Y"), at_home.astype(int))),
    }


def _welfare(ids: np.ndarray) -> _Cells:
    """Attendance and care: drawn from the number of the request, since no other layout has them."""
    rng = np.random.default_rng(ids)
    count = len(ids)
    known = rng.random(count) < 0.15
    return {
        LIST_1[14]: (NUMBER, plain(pd.Series(rng.poisson(0.1, count)))),
        LIST_1[15]: (NUMBER, plain(pd.Series((rng.random(count) < 0.002).astype(int)))),
        LIST_1[16]: (NUMBER, plain(pd.Series(rng.integers(0, 16, count)))),
        LIST_1[17]: (TEXT, words(("N", "Y"), (rng.random(count) < 0.35).astype(int))),
        LIST_1[18]: (TEXT, words(("N", "Y"), known.astype(int))),
        LIST_1[19]: (TEXT, words(("Invented team",), np.zeros(count, int), known)),
    }


def _list_2(world: World) -> _Cells:
    """Children on SEN Support, half as many as plans in force; none of them stands in another layout."""
    count, rng = len(_in_force(world)) // 2, np.random.default_rng(world.seed + 1)
    births = birth_days(day(world.as_at), count, _SUPPORT_AGES, rng=rng)
    people = persons_frame(
        births, np.zeros(count, int), as_at=day(world.as_at), la_code=world.la_code, outside=-1, rng=rng
    )
    serials = upns(count + len(world.modules[fields.PERSON]), la_code=world.la_code)[-count:] if count else []
    phase = np.searchsorted((5, 11, 16), ages_on(births, day(world.as_at)), side="right")
    ids = people["person_id"].to_numpy() + 5_000_000
    register = world.register["URN"].to_numpy()
    cells = {
        "Unique ID": (TEXT, joined("INVENTED-", plain(pd.Series(ids)))),
        "UPN": (TEXT, pa.array(serials, pa.string())),
        "ULN": (TEXT, pa.nulls(count, pa.string())),
        "Date of birth": _days(people["birth_date"]),
        "Gender": (TEXT, plain(people["sex"])),
        "Ethnicity": (TEXT, plain(people["ethnicity"])),
        "SEN primary need": (TEXT, words(list(figures.NEEDS), choose(figures.NEEDS, count, rng))),
        LIST_1[10]: (NUMBER, plain(pd.Series(register[rng.integers(0, len(register), count)]))),
        LIST_1[11]: (TEXT, words(_PHASES, phase)),
        LIST_1[12]: (TEXT, pa.nulls(count, pa.string())),
        LIST_1[20]: (TEXT, words(("0", "1"), (rng.random(count) < 0.05).astype(int))),
    }
    cells |= _welfare(ids)
    return {heading: cells[heading] for heading in LIST_2}
