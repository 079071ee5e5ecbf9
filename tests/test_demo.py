"""Invented cases: like a real authority, the same every time, marked, true to their own truth, and faulty on demand."""

import hashlib
import re
from collections import Counter
from datetime import date, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from click.testing import CliRunner

from highneeds import fields
from highneeds.clean.cases import clean_cases
from highneeds.clean.places import OUTSIDE, area_of, read_lookup
from highneeds.clean.rules import Context, check
from highneeds.cli import DEMO_LAYOUTS, main
from highneeds.demo import calibration, numbers
from highneeds.demo.faults import BRING, FAULTS, add_faults
from highneeds.demo.returns import one_return
from highneeds.demo.sheets import NUMBER, Block, write_workbook
from highneeds.demo.world import make_world
from highneeds.demo.write import LAYOUTS, NOTE, check_folder, write_demo
from highneeds.errors import ParamsError
from highneeds.sources.case_files import read_cases
from highneeds.sources.gias import read_expected_placements, read_gias
from highneeds.sources.planning import read_planning
from highneeds.sources.text_tables import read_csv_text, read_workbook_text

SMALL = 250  # requests a year
APPEALS = {
    fields.REQUESTS: ("request_mediation", "request_tribunal"),
    fields.ASSESSMENT: ("assessment_mediation", "assessment_tribunal", "other_mediation", "other_tribunal"),
}


@pytest.fixture(scope="module")
def kent():
    """A world of Kent's size."""
    return make_world()


@pytest.fixture(scope="module")
def small():
    """A world of a small authority."""
    return make_world(requests_a_year=SMALL)


@pytest.fixture(scope="module")
def folder(small, tmp_path_factory):
    """Every layout of a small authority."""
    out = tmp_path_factory.mktemp("demo") / "small"
    write_demo(out, requests_a_year=SMALL)
    return out


@pytest.fixture(scope="module")
def returns(folder):
    """Every layout of a small authority, read back."""
    return {layout: read_cases(folder / layout) for layout in LAYOUTS}


def rows(frame):
    """Records of a frame as plain dicts, missing values as None."""
    return [{k: None if pd.isna(v) else v for k, v in row.items()} for row in frame.to_dict("records")]


def checksums(out):
    return {
        path.relative_to(out).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(out.rglob("*"))
        if path.is_file()
    }


# The same command, the same bytes


def test_the_same_seed_gives_the_same_bytes_in_every_layout(tmp_path):
    """A checksum in a report must mean something."""
    for name in ("one", "two"):
        write_demo(tmp_path / name, requests_a_year=60)

    assert checksums(tmp_path / "one") == checksums(tmp_path / "two")


def test_another_seed_gives_another_authority(tmp_path):
    """Bytes that never change would prove nothing."""
    for seed in (1, 2):
        write_demo(tmp_path / str(seed), requests_a_year=60, seed=seed, layouts=["blade_csv"])
    one, two = (checksums(tmp_path / str(seed)) for seed in (1, 2))

    assert [] == [name for name in one if "requests" in name and one[name] == two[name]]


# Like Kent


def test_twelve_months_hold_as_many_requests_as_kent_printed(kent):
    """Kent's paper counts 3,874 requests from March 2024 to February 2025."""
    requests = kent.truth.requests
    year = requests[requests["month"].between("2024-03", "2025-02")]

    assert 3874 == pytest.approx(year["requests"].sum(), rel=0.02)


def test_areas_share_the_requests_as_kents_do(kent):
    """East printed 1,266 of 3,874, and 38 came from outside."""
    requests = kent.truth.requests
    year = requests[requests["month"].between("2024-03", "2025-02")]
    shares = year.groupby("area")["requests"].sum() / year["requests"].sum()

    assert 1266 / 3874 == pytest.approx(shares["East"], abs=0.03)
    assert 38 / 3874 == pytest.approx(shares[OUTSIDE], abs=0.005)


def test_august_is_a_trough(kent):
    """Schools are closed, so requests stop: a seasonal test needs a season."""
    months = kent.truth.requests.groupby("month")["requests"].sum()

    assert all(months[f"{year}-08"] < 0.5 * months[f"{year}-07"] for year in (2021, 2022, 2023, 2024))


@pytest.mark.parametrize("seed", [2025, 7])
def test_published_timeliness_is_like_kents(seed):
    """DfE published 18.0% for 2023 and 33.3% for 2024, exceptions left out."""
    truth = make_world(seed=seed).truth

    assert 18.0 == pytest.approx(truth.published(2023)["pct_ex"], abs=2.5)
    assert 33.3 == pytest.approx(truth.published(2024)["pct_ex"], abs=2.5)
    assert 11.8 == pytest.approx(truth.published(2023)["over_52_pct"], abs=4)
    assert 14.2 == pytest.approx(truth.published(2024)["over_52_pct"], abs=4)


def test_nine_in_ten_of_the_newest_plans_are_on_time(kent):
    """Kent printed 89.9% for February 2025, when the backlog was nearly gone."""
    months = kent.truth.timeliness
    newest = months[months["month"].isin(["2025-01", "2025-02"])].sum(numeric_only=True)

    assert 90 == pytest.approx(100 * newest["on_time_ex"] / newest["den_ex"], abs=4)


def test_refusals_rise_as_kents_did(kent):
    """DfE published 31.2% of the requests of 2023 and 55.0% of those of 2024."""
    years = kent.truth.decisions.set_index("year")
    shares = 100 * years["refused"] / years["received"]

    assert 31.2 == pytest.approx(shares[2023], abs=2)
    assert 55.0 == pytest.approx(shares[2024], abs=2.5)


def test_a_world_twice_the_size_has_twice_the_requests(small):
    """Any authority's size can be tried."""
    double = make_world(requests_a_year=2 * SMALL)
    received = [world.truth.decisions["received"].sum() for world in (small, double)]

    assert 2 == pytest.approx(received[1] / received[0], rel=0.02)


def test_the_story_goes_on_after_the_calibrated_years():
    """A demo of next year has cases of next year."""
    world = make_world(requests_a_year=200, as_at=date(2027, 6, 30), years=(2026, 2027))

    assert {date(2026, 1, 15), date(2027, 1, 21), date(2027, 6, 30)} == set(world.truth.caseload["day"])
    assert world.truth.requests["month"].max() == "2027-06"
    assert world.truth.published(2026)["pct"] > 60


# The truth, recounted one record at a time


def test_requests_by_month_and_area_recount(small):
    """Every request that is not historical, by month of receipt and by its postcode."""
    lookup = read_lookup(small.lookup, "postcodes.csv")
    frame = small.modules[fields.REQUESTS]
    area = dict(zip(frame["request_id"], area_of(frame["request_postcode"], lookup), strict=True))
    counted = Counter(
        (row["received_date"].strftime("%Y-%m"), area[row["request_id"]])
        for row in rows(frame)
        if row["request_outcome"] != "H"
    )

    assert counted == {(row.month, row.area): row.requests for row in small.truth.requests.itertuples()}


@pytest.mark.parametrize("year", [2022, 2023, 2024])
def test_published_timeliness_recounts(small, year):
    """Plans issued in the year, none with mediation or tribunal; exceptions leave both sides."""
    requests = {row["request_id"]: row for row in rows(small.modules[fields.REQUESTS])}
    base = []
    for row in rows(small.modules[fields.ASSESSMENT]):
        request, issued = requests[row["request_id"]], row["assessment_outcome_date"]
        flags = [request[name] for name in APPEALS[fields.REQUESTS]] + [row[n] for n in APPEALS[fields.ASSESSMENT]]
        if row["assessment_outcome"] == "Y" and issued.year == year and not any(flags):
            base.append(((issued - request["received_date"]).days, row["week20"]))
    plain = [days for days, exception in base if not exception]
    expected = (len(base), sum(d <= 140 for d, _ in base), len(plain), sum(d <= 140 for d in plain))
    actual = small.truth.published(year)

    assert expected == tuple(actual[name] for name in ("den", "on_time", "den_ex", "on_time_ex"))


def test_open_cases_recount(small):
    """Awaited decisions, and awaited plans, by the age of the request."""
    day = pd.Timestamp(small.as_at)
    requests = {row["request_id"]: row for row in rows(small.modules[fields.REQUESTS])}
    waiting = [r["received_date"] for r in requests.values() if r["request_outcome"] == "A"]
    assessed = [
        requests[row["request_id"]]["received_date"]
        for row in rows(small.modules[fields.ASSESSMENT])
        if row["assessment_outcome"] == "A"
    ]
    by_stage = small.truth.open_cases.groupby("stage")["cases"].sum()

    assert {"request": len(waiting), "assessment": len(assessed)} == by_stage.to_dict()
    assert small.truth.overdue == {
        "decision": sum((day - received).days > 42 for received in waiting),
        "decision_on_plan": sum((day - received).days > 112 for received in waiting + assessed),
        "plan": sum((day - received).days > 140 for received in waiting + assessed),
    }


def test_caseload_needs_and_placements_recount(small):
    """Plans that had begun and had not ceased by the end of each day."""
    plans = rows(small.modules[fields.NAMED_PLAN])

    def held(day):
        day = pd.Timestamp(day)
        return {
            p["request_id"]
            for p in plans
            if p["start_date"] <= day and not (p["cease_date"] and p["cease_date"] <= day)
        }

    now = held(small.as_at)
    main = [row for row in rows(small.modules[fields.SEN_NEED]) if row["sen_type_rank"] == "1"]
    placed = [
        row["urn"] or row["sen_setting"]
        for row in rows(small.modules[fields.PLACEMENT_DETAIL])
        if row["request_id"] in now and row["placement_rank"] == "1" and not row["leaving_date"]
    ]

    assert [len(held(day)) for day in small.truth.caseload["day"]] == small.truth.caseload["plans"].to_list()
    assert Counter(row["sen_type"] for row in main if row["request_id"] in now) == small.truth.needs.to_dict()
    assert Counter(placed) == small.truth.placements.to_dict()
    assert len(placed) == len(now)


# What a world holds


def upn_letter(digits):
    return numbers.UPN_LETTERS[sum(w * int(d) for w, d in enumerate(digits, start=2)) % 23]


def test_pupil_numbers_carry_their_check_letter(small):
    """B801200005001 is a valid number by DfE's rule, so the rule here is DfE's."""
    upns = small.modules[fields.PERSON]["upn"].dropna()

    assert "B" == upn_letter("801200005001")
    assert [] == [upn for upn in upns if upn[0] != upn_letter(upn[1:])]
    assert upns.is_unique


def test_learner_numbers_carry_their_check_digit(small):
    """Digits times 10 to 1 leave 10 after division by 11, as they do for 9276308686."""

    def rest(uln):
        return sum(w * int(d) for w, d in zip(range(10, 0, -1), uln, strict=True)) % 11

    ulns = small.modules[fields.PERSON]["uln"].dropna()

    assert 10 == rest("9276308686")
    assert {10} == {rest(uln) for uln in ulns}
    assert ulns.is_unique


def test_plans_are_held_by_people_aged_2_to_24(small):
    """The law ends a plan at 25."""
    plans, requests, persons = (small.modules[m] for m in (fields.NAMED_PLAN, fields.REQUESTS, fields.PERSON))
    held = plans[plans["cease_date"].isna()].merge(requests, on="request_id").merge(persons, on="person_id")
    age = (pd.Timestamp(small.as_at) - held["birth_date"]).dt.days / 365.25

    assert 2 <= age.min()
    assert age.max() < 25.01


def test_some_children_are_asked_for_twice_one_request_after_the_other(small):
    """Join by request, never by child: a world without such children would not show the difference."""
    requests = small.modules[fields.REQUESTS].sort_values("received_date")
    again = requests[requests["person_id"].duplicated()]
    first = requests.drop_duplicates("person_id").set_index("person_id")

    assert len(again) > 10
    assert {"N", "Y"} >= set(first.loc[again["person_id"], "request_outcome"])
    assert (again["received_date"].to_numpy() > first.loc[again["person_id"], "request_outcome_date"].to_numpy()).all()


def test_rare_things_happen(kent):
    """Each code that a measure must treat in its own way occurs."""
    requests, named = kent.modules[fields.REQUESTS], kent.modules[fields.NAMED_PLAN]
    active, placed = kent.modules[fields.ACTIVE_PLANS], kent.modules[fields.PLACEMENT_DETAIL]

    assert {"Y", "N", "A", "W", "H"} == set(requests["request_outcome"])
    assert {"Y", "N", "A", "W", "H"} == set(kent.modules[fields.ASSESSMENT]["assessment_outcome"])
    assert set(fields.CEASE_REASONS) == set(named["cease_reason"].dropna())
    assert set(fields.SEN_TYPES) == set(kent.modules[fields.SEN_NEED]["sen_type"])
    assert {"OLA", "EHE", "OPA", "EYP", "NEET", "OTH"} == set(placed["sen_setting"].dropna())
    for column in (requests["exported"], named["plan_res"], named["dp"], active["transfer_la"], placed["leaving_date"]):
        assert column.notna().any()
    for column in (named["pb"], placed["sen_unit_indicator"], placed["resourced_provision_indicator"]):
        assert column.any()


def test_boundary_cases_fall_on_the_day_of_a_limit_and_the_day_after():
    """Whether day 140 is on time is the question most asked of a timeliness figure."""
    world = make_world(requests_a_year=400, boundary_cases=12)
    requests = world.modules[fields.REQUESTS].set_index("request_id")
    told = world.modules[fields.ASSESSMENT].set_index("request_id").join(requests["received_date"])
    waits = (told["assessment_outcome_date"] - told["received_date"]).dt.days
    decided = (requests["request_outcome_date"] - requests["received_date"]).dt.days
    counts = [decided.value_counts()[day] for day in (42, 43)]
    counts += [waits[told["assessment_outcome"].eq("N")].value_counts()[day] for day in (112, 113)]
    counts += [waits[told["assessment_outcome"].eq("Y")].value_counts()[day] for day in (140, 141)]

    assert all(count >= 12 for count in counts)


# Layouts


def test_every_layout_is_marked_as_invented(folder, returns):
    """Nobody may take these for children."""
    marks = {layout: [found.invented for found in made] for layout, made in returns.items()}

    assert dict.fromkeys(LAYOUTS, [True]) == marks
    assert all(
        b"Invented" in path.read_bytes() for path in [folder / "gias.csv", folder / "sen2_xml" / "SEN2-2025.xml"]
    )
    assert (folder / NOTE).read_text(encoding="utf-8").startswith("INVENTED")
    texts = [path for path in folder.rglob("*") if path.suffix in (".csv", ".xml")]
    assert len(texts) > 15
    assert [] == [path.name for path in texts if b"invented" not in path.read_bytes()[:2_000].lower()]


def test_postcodes_lie_where_no_place_is(small):
    """Great Britain has no postcode area ZA or ZB."""
    postcodes = small.modules[fields.PERSON]["postcode"]

    assert {numbers.INSIDE, numbers.OUTSIDE} == set(postcodes.str[:2])
    assert {"ZA", "ZB"} == {numbers.INSIDE, numbers.OUTSIDE}
    assert postcodes.str.fullmatch(r"Z[AB]\d{1,2} \d[A-Z]{2}").all()


def test_blade_headers_are_the_lower_case_xml_names_with_table_ids(folder):
    """COLLECT writes nine files and joins them by table ids."""
    tables = {path.stem.rpartition("_")[2]: read_csv_text(path) for path in (folder / "blade_csv").iterdir()}
    expected = ["requeststableid", "NativeId", "requestsorderseqcolumn", "sourceid", "persontableid", "receiveddate"]

    assert {"sen2", *fields.MODULES} == set(tables)
    assert expected == list(tables["requests"].columns[:6])
    assert {"activeplanstableid", "sentype", "sentyperank"} <= set(tables["senneed"].columns)
    assert "2025-Mar-18 00:00:00" == tables["sen2"]["referencedate"].item()
    assert tables["requests"]["receiveddate"].str.fullmatch(r"\d{4}-[A-Z][a-z]{2}-\d\d 00:00:00").all()


def test_the_template_stacks_nine_tables_with_their_titles_in_the_second_column(folder):
    """Tables are found by title; headings hold line breaks."""
    sheets = read_workbook_text(next((folder / "template").iterdir()))
    sheet = sheets[fields.TEMPLATE_SHEET]
    titles = [text for text in sheet[1].dropna() if text in {fields.TEMPLATE_HEADER, *fields.TEMPLATE_TITLES.values()}]
    at = sheet.index[sheet[1].eq("Person Record")][0]

    assert [fields.TEMPLATE_SHEET] == list(sheets)
    assert [fields.TEMPLATE_HEADER, *fields.TEMPLATE_TITLES.values()] == titles
    assert "Person ID\n\n(This must be a unique ID for each Person record)" in set(sheet.loc[at + 1])


def test_the_other_workbooks_have_their_sheets_and_headings(folder):
    """A sheet a module, lower-case XML names; Annex A's lists have 21 and 17 columns."""
    sheets = read_workbook_text(next((folder / "pre_submission").iterdir()))
    lists = [read_workbook_text(folder / "annex_a" / f"Annex A List {n}.xlsx")[f"List {n}"] for n in (1, 2)]

    assert [*fields.SHEETS.values(), "Invented"] == list(sheets)
    assert ["persontableid", "requeststableid", "receiveddate"] == list(sheets["Requests"].iloc[0])[:3]
    assert [21, 17] == [len(sheet.columns) - 1 for sheet in lists]
    assert all(sheet[0].iloc[1:].str.startswith("INVENTED-").all() for sheet in lists)


def test_five_csv_spells_request_ids_in_two_ways(folder):
    """Modules 2 and 3 say Requests Record ID, modules 4 and 5 Request Records ID."""
    headings = [list(read_csv_text(path).columns) for path in sorted((folder / "five_csv").iterdir())]

    assert ["Requests Record ID", "Requests Record ID", "Request Records ID", "Request Records ID"] == [
        names[1] for names in headings[1:]
    ]
    assert [10, 10, 9, 10, 6] == [len(names) - 1 for names in headings]


@pytest.mark.parametrize(("year", "has", "has_not"), [
    (2023, {"<GenderCurrent>", "<AttendancePattern>"}, {"<Sex>", "<ReviewMeeting>", ">DS<"}),
    (2024, {"<Sex>", "<ReviewMeeting>"}, {"<AttendancePattern>", "<RequestSource>", ">DS<"}),
    (2025, {"<Sex>", "<RequestSource>", "<ReviewDraft>"}, {"<AttendancePattern>", "<GenderCurrent>"}),
])  # fmt: skip
def test_a_return_has_the_fields_of_its_year(tmp_path, year, has, has_not):
    """Fields come and go from one guide to the next."""
    write_demo(tmp_path / "out", requests_a_year=150, layouts=["sen2_xml"], years=[year])
    text = (tmp_path / "out" / "sen2_xml" / str(year) / f"SEN2-{year}.xml").read_text(encoding="utf-8")

    assert [] == [tag for tag in has if tag not in text]
    assert [] == [tag for tag in has_not if tag in text]
    assert f"<Year>{year}</Year>" in text and "<SoftwareCode>INVENTED</SoftwareCode>" in text


def table(cases, module):
    placements = cases.placements
    return {
        fields.PERSON: cases.persons,
        fields.REQUESTS: cases.requests,
        fields.ASSESSMENT: cases.assessments,
        fields.NAMED_PLAN: cases.plans,
        fields.PLAN_DETAIL: placements[placements["kind"].eq("named")],
        fields.ACTIVE_PLANS: cases.plans[cases.plans["active"]],
        fields.PLACEMENT_DETAIL: placements[placements["kind"].eq("active")],
        fields.SEN_NEED: cases.needs,
    }[module]


def values(frame, names):
    """Records without their order, as text."""
    return Counter(tuple("" if pd.isna(v) else str(v) for v in row) for row in frame[names].itertuples(index=False))


@pytest.mark.parametrize("layout", ["sen2_xml", "blade_csv", "template", "pre_submission", "five_csv", "extract"])
def test_what_is_read_back_is_what_was_written(returns, small, layout):
    """Every record of every module that a layout carries, value by value."""
    cases = clean_cases(returns[layout])
    wrong = []
    for module, written in small.modules.items():
        # An extract has a row a request, so it carries one placement of each and no plan without a value.
        if layout == "extract" and module in (fields.PLAN_DETAIL, fields.PLACEMENT_DETAIL, fields.ACTIVE_PLANS):
            continue
        names = [field.name for field in fields.of_module(module) if (module, field.name) in cases.held]
        if names and values(written, names) != values(table(cases, module), names):
            wrong.append(module)

    assert [] == wrong
    assert small.as_at == cases.extract_date
    assert 0 == len(cases.quarantine) + len(cases.cells)


def test_annex_a_lists_the_plans_in_force(returns, small):
    """One row a child; the list of SEN Support has other children."""
    (found,) = returns["annex_a"]

    assert small.truth.caseload["plans"].iloc[-1] == len(found.modules[fields.NAMED_PLAN])
    assert found.modules[fields.PERSON]["person_id"].is_unique


# Returns as they are sent


@pytest.mark.parametrize("year", [2023, 2024, 2025])
def test_one_return_holds_the_caseload_and_the_issued_plans_of_its_year(kent, year):
    """Stock on the survey day, flow of the calendar year before."""
    found = one_return(kent, year)
    assessments, requests = found.modules[fields.ASSESSMENT], found.modules[fields.REQUESTS]
    joined = assessments.merge(requests, on="request_id")
    flags = [name for names in APPEALS.values() for name in names]
    issued = joined[joined["assessment_outcome"].eq("Y") & joined["assessment_outcome_date"].dt.year.eq(year - 1)]
    caseload = kent.truth.caseload.set_index("day")["plans"]

    assert kent.truth.published(year - 1)["den"] == len(issued[~issued[flags].any(axis=1)])
    assert caseload[found.reference_date] == found.modules[fields.NAMED_PLAN]["cease_date"].isna().sum()
    assert found.modules[fields.NAMED_PLAN]["start_date"].max() <= pd.Timestamp(found.reference_date)


def test_one_return_forgets_the_refusals_of_earlier_years(kent):
    """A cohort counted from one return looks better than it was: survivors only."""
    before = one_return(kent, 2025).modules[fields.REQUESTS]
    old = before[before["received_date"].dt.year.eq(2022)]

    decisions = kent.truth.decisions.set_index("year").loc[2022]

    assert "N" not in set(old["request_outcome"])
    assert 0 < len(old) < decisions["received"] - decisions["refused"]


# Faults

WHERE = {
    fields.PERSON: "DQ18 DQ20 DQ21 DQ22 DQ23 DQ24 DQ25 DQ26 DQ28 DQ30 DQ45",
    fields.REQUESTS: "DQ02 DQ05 DQ06 DQ07 DQ11 DQ12 DQ14 DQ17 DQ19 DQ31 DQ32 DQ34 DQ47",
    fields.ASSESSMENT: "DQ08 DQ09 DQ16 DQ33",
    fields.NAMED_PLAN: "DQ13 DQ15 DQ27 DQ48",
    fields.ACTIVE_PLANS: "DQ43 DQ44",
    fields.PLACEMENT_DETAIL: "DQ10 DQ38 DQ42",
    fields.SEN_NEED: "DQ03 DQ36",
}
IN_MODULE = {rule: module for module, rules in WHERE.items() for rule in rules.split()}


@pytest.mark.parametrize("rule", sorted(IN_MODULE))
def test_a_fault_changes_as_many_rows_as_it_says(small, rule):
    """The count beside a fault is what a rule's count is held against."""
    module = IN_MODULE[rule]
    before, after = small.modules[module], add_faults(small, [rule], seed=1)
    changed = after.modules[module]
    if len(before) == len(changed):
        same = (before.eq(changed) | (before.isna() & changed.isna())).fillna(False).all(axis=1)
        found = int((~same).sum())
    else:
        found = abs(len(before) - len(changed))

    assert 0 < after.faults[rule] == found


def test_a_world_stays_as_it_was_when_faults_are_put_in(small):
    """Faults are made in copies."""
    before = {module: frame.copy() for module, frame in small.modules.items()}
    add_faults(small, [rule for rule in FAULTS if rule != "DQ01"], seed=1)

    assert all(before[module].equals(frame) for module, frame in small.modules.items())


def found_by_rules(world, folder):
    """Count of every rule, and whether it was checked, on a world written as COLLECT's export."""
    LAYOUTS["blade_csv"](world, folder)
    world.register.to_csv(folder / "gias.csv", index=False)
    expected = None
    if len(world.expected):
        world.expected.to_csv(folder / "expected_placements.csv", index=False)
        expected = read_expected_placements(folder / "expected_placements.csv")
    returns = read_cases(folder)
    received = world.truth.decisions.set_index("year")["received"]
    context = Context(
        clean_cases(returns, lookup=read_lookup(world.lookup, "postcodes.csv")),
        returns=returns,
        gias=read_gias(folder / "gias.csv"),
        expected_placements=expected,
        printed={"printed.csv": world.printed} if len(world.printed) else None,
        published={("requests_received", "2024"): float(received[2024])},
    )
    return {finding.rule: finding.count for finding in check(context)}


def test_a_faultless_world_is_faultless(small, tmp_path):
    """Else no fault could be told from the noise. Addresses outside and part months are no faults."""
    counts = found_by_rules(small, tmp_path)

    assert {"DQ30", "DQ35"} >= {rule for rule, count in counts.items() if count}


@pytest.mark.parametrize(
    "rules",
    [["DQ01"], [r for r in FAULTS if r not in ("DQ01", "DQ34")], ["DQ34"]],
    ids=lambda rules: f"{len(rules)} of them, {rules[0]} first",
)
def test_every_fault_is_found_by_its_rule(small, tmp_path, rules):
    """One fault for every rule, DQ01 to DQ48."""
    counts = found_by_rules(add_faults(small, rules, seed=1), tmp_path)

    assert [] == [rule for rule in rules if not counts[rule]]


@pytest.mark.parametrize("rule", ["DQ08", "DQ10", "DQ19", "DQ28", "DQ42"])
def test_a_fault_is_found_by_its_own_rule_alone(small, tmp_path, rule):
    """Rules are told apart, but for those that bring one another."""
    counts = found_by_rules(add_faults(small, [rule], seed=1), tmp_path)
    fired = {found for found, count in counts.items() if count} - {"DQ30", "DQ35"}

    assert {rule, *BRING.get(rule, ())} == fired


def test_there_is_a_fault_for_every_rule():
    """A rule without a fault is a rule nobody has seen fire."""
    assert [f"DQ{number:02}" for number in range(1, 49)] == list(FAULTS)


def test_an_unknown_fault_is_refused(small):
    """A typing mistake must not pass for a clean file."""
    with pytest.raises(ParamsError, match="DQ99: no such rule"):
        add_faults(small, ["DQ05", "DQ99"], seed=1)


# Where it may be written


def test_the_command_writes_what_it_says_and_says_it_is_invented(tmp_path):
    """The command is how most people meet it."""
    out = tmp_path / "demo"
    done = CliRunner().invoke(
        main, ["demo", "--out", str(out), "--requests-a-year", "40", "--layout", "extract", "--faults", "DQ05"]
    )
    written = {path.relative_to(out).as_posix() for path in out.rglob("*") if path.is_file()}

    assert 0 == done.exit_code, done.output
    assert "invented" in done.output.splitlines()[0]
    planning = {name for name in written if name.startswith("planning/")}
    cases = {NOTE, "extract/ehc_cases.csv", "extract/ehc_cases.mapping.yml", "gias.csv", "postcodes.csv"}
    assert cases == written - planning
    assert {"planning/capacity.csv", "planning/budget.csv", "planning/scenarios/late-schools.yml"} <= planning
    assert all(name in done.output for name in written)
    assert "DQ05: 5" in (out / NOTE).read_text(encoding="utf-8")


def test_the_command_knows_every_layout():
    """The command's list stands apart from the writers, so that help is quick."""
    assert tuple(LAYOUTS) == DEMO_LAYOUTS


def test_an_earlier_demo_is_replaced_whole(tmp_path):
    """No file of the earlier one stays behind."""
    write_demo(tmp_path / "out", requests_a_year=40, layouts=["five_csv"])
    written = write_demo(tmp_path / "out", requests_a_year=40, layouts=["extract"])

    assert sorted(written) == sorted(path for path in (tmp_path / "out").rglob("*") if path.is_file())


@pytest.mark.parametrize("name", ["children.csv", "five_csv/children.csv"])
def test_a_folder_with_somebodys_file_is_left_alone(tmp_path, name):
    """Even beside an earlier demo: the folder is replaced, so the file would be lost."""
    write_demo(tmp_path / "out", requests_a_year=40, layouts=["five_csv"])
    (tmp_path / "out" / name).write_text("mine", encoding="utf-8")

    with pytest.raises(ParamsError, match="has 1 file that no earlier run wrote"):
        write_demo(tmp_path / "out", requests_a_year=40, layouts=["extract"])
    assert "mine" == (tmp_path / "out" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("place", ["data/raw", "data/raw/kent/extracts", "data", "."])
def test_the_projects_data_are_no_place_for_inventions(tmp_path, monkeypatch, place):
    """Invented cases beside real ones are soon taken for real ones."""
    (tmp_path / "data" / "raw").mkdir(parents=True)
    monkeypatch.setenv("HIGHNEEDS_HOME", str(tmp_path))

    with pytest.raises(ParamsError, match="project's data"):
        check_folder(tmp_path / place)


def test_nothing_is_left_where_writing_fails(tmp_path, monkeypatch):
    """Whole or not at all."""

    def broken(world, folder):
        (folder / "half.csv").write_text("half", encoding="utf-8")
        raise OSError("disk full")

    monkeypatch.setitem(LAYOUTS, "extract", broken)
    with pytest.raises(OSError, match="disk full"):
        write_demo(tmp_path / "out", requests_a_year=40, layouts=["five_csv", "extract"])

    assert [] == list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("argument", "says"),
    [
        ({"requests_a_year": 3}, "requests a year: 3"),
        ({"as_at": date(2018, 1, 1)}, "day of the extract"),
        ({"la_code": "E10"}, "three digits"),
        ({"areas": ("North", "North")}, "different names"),
    ],
)
def test_a_world_that_cannot_be_is_refused(argument, says):
    """Where, what was found, what was expected."""
    with pytest.raises(ParamsError, match=re.escape(says)):
        make_world(**argument)


def test_a_sheet_longer_than_a_workbook_can_hold_is_refused(tmp_path):
    """A million requests go into CSV or XML."""
    cells = pa.array(["1"]).take(pa.array([0] * 1_048_576))
    with pytest.raises(ParamsError, match="more than 1,048,576 rows"):
        write_workbook({"Sheet": [Block({"heading": (NUMBER, cells)})]}, tmp_path / "long.xlsx")


def test_limits_and_areas_of_the_calibration_are_of_one_size():
    """Shares belong to the areas they were printed for."""
    first = calibration.FIRST_DAY

    assert len(calibration.AREAS) == len(calibration.AREA_SHARES)
    assert 12 == len(calibration.SEASON)
    assert first + timedelta(days=6) == date(2019, 1, 7)


def test_invented_planning_files_have_the_size_of_the_authority(tmp_path):
    """A tenth of the requests goes with a tenth of the places and of the budget; prices stay what they are."""
    for a_year in (400, 4_000):
        write_demo(tmp_path / str(a_year), layouts=["extract"], requests_a_year=a_year)
    small, large = (read_planning(tmp_path / str(size) / "planning") for size in (400, 4_000))

    assert (
        round(large.tables["capacity"]["places_planned"].sum() / 10) == small.tables["capacity"]["places_planned"].sum()
    )
    assert large.tables["budget"]["amount_gbp"].sum() == 10 * small.tables["budget"]["amount_gbp"].sum()
    assert large.tables["unit_costs"].equals(small.tables["unit_costs"])
    assert {"invented"} == set(small.tables["capacity"]["source"])
