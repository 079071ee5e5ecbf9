"""Plain extracts: columns of any name are proposed, confirmed by the analyst, and read as a return."""

from datetime import date

import pandas as pd
import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st

from highneeds.errors import SourceError
from highneeds.sources.case_extract import (
    mapping_path,
    mapping_text,
    propose_mapping,
    read_extract,
    read_mapping,
    write_mapping,
)
from highneeds.sources.extract_codes import code_for
from highneeds.sources.extract_proposal import propose
from highneeds.sources.extract_table import ExtractTable

# What stands in two rows of a column, by the field that it should be recognised as; "-" is no field.
CELLS = {
    "request_id": ("R1", "R2"),
    "person_id": ("C7", "C7"),
    "upn": ("B801200005001", "Z123456789012"),
    "uln": ("9276308686", ""),
    "surname": ("Quillfeather", "Ozymandias"),
    "forename": ("Perpetua", "Thaddeus"),
    "birth_date": ("14/05/2012", "02/11/2014"),
    "sex": ("F", "Male"),
    "postcode": ("ZZ9 9ZZ", "ZZ8 8YY"),
    "request_postcode": ("ZZ9 9ZZ", "ZZ8 8YY"),
    "received_date": ("13/01/2024", "02/02/2024"),
    "request_source": ("Parent", "School"),
    "request_outcome": ("Yes", "No"),
    "request_outcome_date": ("24/02/2024", "01/03/2024"),
    "agreed_date": ("24/02/2024", ""),
    "refused_date": ("", "01/03/2024"),
    "assessment_outcome": ("Yes", ""),
    "assessment_outcome_date": ("24/04/2024", ""),
    "issue_date": ("30/05/2024", ""),
    "week20": ("No", "Yes"),
    "request_mediation": ("No", "Yes"),
    "start_date": ("30/05/2024", ""),
    "cease_date": ("", ""),
    "cease_reason": ("", ""),
    "closed_date": ("", "05/03/2024"),
    "review_meeting": ("30/05/2025", ""),
    "need": ("Autism", "SEMH"),
    "placement": ("Quarry Lane Primary", ""),
    "urn": ("123456", ""),
    "area": ("North", "South"),
}
HEADERS = {
    "council database": {
        "Case Ref": "request_id",
        "Client ID": "person_id",
        "UPN": "upn",
        "Surname": "surname",
        "Forename": "forename",
        "DoB": "birth_date",
        "Post Code": "postcode",
        "EHCNA request date": "received_date",
        "Decision to Assess Y/N": "request_outcome",
        "Decision date": "request_outcome_date",
        "Draft plan issued": "-date",
        "Final Plan Issued Date": "issue_date",
        "20 wk exception": "week20",
        "Primary Need": "need",
        "Ward": "area",
        "Case Officer": "-",
    },
    "report writer": {
        "Request Number": "request_id",
        "Child Last Name": "surname",
        "Child First Name": "forename",
        "Date of Birth": "birth_date",
        "Home Postcode": "postcode",
        "Date Request Received": "received_date",
        "Requested By": "request_source",
        "Agreed to assess?": "request_outcome",
        "6 Week Decision Date": "request_outcome_date",
        "20 Week Due Date": "-date",
        "Date EHCP Issued": "issue_date",
        "Date EHCP Ceased": "cease_date",
        "Reason EHCP Ceased": "cease_reason",
        "Current School": "placement",
        "District": "area",
    },
    "short hand": {
        "Ref No.": "request_id",
        "Pupil No": "person_id",
        "Req Rec'd": "received_date",
        "Refusal Dt": "refused_date",
        "Agreed Dt": "agreed_date",
        "EHCP finalised": "issue_date",
        "Excep 20wks": "week20",
        "Case closed on": "closed_date",
        "Gender": "sex",
    },
    "database columns": {
        "CASE_REF": "request_id",
        "PERSON_ID": "person_id",
        "BIRTH_DT": "birth_date",
        "SEN_REQ_RECVD_DT": "received_date",
        "ASSESSMENT_DECISION": "request_outcome",
        "ASSESSMENT_DECISION_DT": "request_outcome_date",
        "EHCP_FINAL_ISSUED_DT": "issue_date",
        "PLACEMENT_URN": "urn",
        "ADVICE_REQUESTED_DT": "-date",
    },
    "camel case": {
        "RequestId": "request_id",
        "UniquePupilNumber": "upn",
        "DateOfBirth": "birth_date",
        "DateRequestReceived": "received_date",
        "DecisionToAssess": "request_outcome",
        "DecisionToAssessDate": "request_outcome_date",
        "DecisionToIssue": "assessment_outcome",
        "DateFinalPlanIssued": "issue_date",
        "TwentyWeekException": "week20",
        "PostcodeAtRequest": "request_postcode",
    },
    "the return's own words": {
        "PersonBirthDate": "birth_date",
        "ReceivedDate": "received_date",
        "RequestOutcome": "request_outcome",
        "RequestOutcomeDate": "request_outcome_date",
        "Request Mediation": "request_mediation",
        "AssessmentOutcome": "assessment_outcome",
        "Assessment Outcome Date": "assessment_outcome_date",
        "Week20": "week20",
        "EHC Plan Start Date": "start_date",
        "Unique Learner Number": "uln",
    },
    "team's spreadsheet": {
        "Date of referral": "received_date",
        "YP surname": "surname",
        "Parent surname": "-",
        "School postcode": "-",
        "Refused to assess (date)": "refused_date",
        "Final plan sent": "issue_date",
        "Last annual review": "review_meeting",
        "Next annual review due": "-date",
        "Area of need": "need",
        "Locality": "area",
        "Notes": "-",
    },
}
PERSONAL = ("surname", "forename", "birth_date", "upn", "uln", "postcode", "request_postcode")
SMALL = "Case Ref,Request date,Agreed to assess,Decision date,Final plan issued,DoB\n"


def cells_of(field):
    return CELLS.get(field, ("25/03/2024", "") if field == "-date" else ("some words", "other words"))


def extract(folder, header, name="requests.csv", encoding="utf-8"):
    """A file of two rows whose cells suit the fields that the header should be recognised as."""
    rows = [",".join(header), *(",".join(cells_of(field)[n] for field in header.values()) for n in (0, 1))]
    path = folder / name
    path.write_bytes("\n".join(rows).encode(encoding))
    return path


def written(folder, text, name="requests.csv"):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def confirmed(path, *changes):
    """Propose, write and confirm the mapping; changes are (text in the YAML, what to write instead)."""
    target = write_mapping(propose_mapping(path), path, replace=True)
    text = target.read_text(encoding="utf-8")
    for old, new in (("confirmed: false", "confirmed: true"), *changes):
        assert old in text
        text = text.replace(old, new)
    target.write_text(text, encoding="utf-8")
    return path


def faults_of(call, *arguments):
    with pytest.raises(SourceError) as caught:
        call(*arguments)
    return caught.value.faults


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_columns_are_recognised_however_a_system_names_them(tmp_path, header):
    """Each case system has its own words for the same dates and outcomes."""
    mapping = propose_mapping(extract(tmp_path, header))

    assert {column: field for column, field in header.items() if field[0] != "-"} == mapping.columns
    assert tuple(column for column, field in header.items() if field[0] == "-") == mapping.not_used


def test_a_proposal_is_the_same_each_time(tmp_path):
    """Two analysts with one file see one proposal."""
    path = extract(tmp_path, HEADERS["report writer"])

    first, second = (write_mapping(propose_mapping(path), path, replace=True).read_bytes() for _ in (1, 2))

    assert first == second


def test_the_cells_decide_between_an_outcome_and_its_date(tmp_path):
    """`Decision to assess` holds Yes and No in one system and days in another."""
    words = propose_mapping(written(tmp_path, "Decision to assess\nYes\n")).columns
    days = propose_mapping(written(tmp_path, "Decision to assess\n25/03/2024\n")).columns

    assert ("request_outcome", "request_outcome_date") == (words["Decision to assess"], days["Decision to assess"])


def test_a_column_of_upns_is_known_by_its_cells(tmp_path):
    """A heading may say nothing."""
    mapping = propose_mapping(written(tmp_path, "Request date,Field7\n2024-01-13,B801200005001\n"))

    assert ("upn", "unsure") == (mapping.columns["Field7"], mapping.proposals["Field7"].confidence)


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_mapping_is_read_back_as_it_was_written(tmp_path, header):
    """What the analyst confirms is what was shown."""
    path = extract(tmp_path, header)
    mapping = propose_mapping(path)

    assert tmp_path / "requests.mapping.yml" == write_mapping(mapping, path)
    assert mapping == read_mapping(path, columns=[*mapping.columns, *mapping.not_used])


def test_odd_headings_survive_the_mapping_file(tmp_path):
    """Quotes, line breaks, colons, formulas and words that YAML takes for other things are still names of columns."""
    header = '"Request date","No","=1+1","a: ""b"" # c","two\nlines - UPN","<script>"'
    path = written(tmp_path, header + "\n2024-01-13,x,y,z,,w\n")
    mapping = propose_mapping(path)
    write_mapping(mapping, path)

    assert mapping == read_mapping(path)
    assert {"No", "=1+1", 'a: "b" # c', "<script>"} <= {*mapping.columns, *mapping.not_used}
    assert all(line.isprintable() for line in mapping_text(mapping))


cells = st.sampled_from(["2024-01-13", "03/04/2024", "Yes", "R1", "<b>", "=1+1", "45000", None, "ZZ1 1AA", "\u00e9"])


@given(headings=st.lists(st.text(min_size=1, max_size=20), min_size=1, max_size=5, unique=True), rows=st.data())
@settings(max_examples=60, deadline=None)
def test_any_table_gets_a_proposal_that_can_be_read_back(tmp_path_factory, headings, rows):
    """No heading and no cell makes the proposal stumble, or the YAML say something else."""
    frame = pd.DataFrame({name: pd.Series(rows.draw(st.lists(cells, min_size=3, max_size=3))) for name in headings})
    frame = frame.astype("str").assign(row=[2, 3, 4])
    path = tmp_path_factory.mktemp("any") / "any.csv"
    mapping = propose(ExtractTable(frame, path.name))
    write_mapping(mapping, path)

    assert not mapping.columns or mapping == read_mapping(path)


def test_a_mapping_is_not_written_over(tmp_path):
    """An afternoon's work on a mapping must not be lost to a second check."""
    path = extract(tmp_path, HEADERS["short hand"])
    write_mapping(propose_mapping(path), path)

    assert "is there already" in faults_of(write_mapping, propose_mapping(path), path)[0]


def test_a_missing_mapping_says_how_to_get_one(tmp_path):
    """The message is the instruction."""
    (fault,) = faults_of(read_extract, extract(tmp_path, HEADERS["short hand"]))

    assert "'highneeds check requests.csv'" in fault
    assert "confirmed: true" in fault


def test_an_unconfirmed_mapping_is_refused(tmp_path):
    """A guess of ours must not become a figure of theirs."""
    path = extract(tmp_path, HEADERS["short hand"])
    write_mapping(propose_mapping(path), path)

    (fault,) = faults_of(read_extract, path)

    assert fault.startswith("requests.mapping.yml: is not confirmed")


def test_all_faults_of_a_mapping_are_told_together(tmp_path):
    """One round of corrections, not six."""
    path = written(tmp_path, SMALL + "R1,2024-01-13,Yes,2024-02-20,,2012-05-14\n")
    mapping_path(path).write_text(
        "confirmed: true\nextract_date: 31/03/2025\nla_code: 12\ndates: dmy\nfoo: 1\n"
        "columns:\n  Request date: received_date\n  DoB: received_date\n  Gone: birth_day\n",
        encoding="utf-8",
    )

    faults = faults_of(read_extract, path)

    starts = [
        "found 'foo'",
        "'dates' is not understood",
        "extract_date is not a day",
        "la_code is not three digits",
        "unknown fields 'birth_day'",
        "field received_date is given to 2 columns",
        "columns 'Gone' are not in the file",
    ]
    actual = [fault.removeprefix("requests.mapping.yml: ") for fault in faults]
    assert starts == [text[: len(start)] for text, start in zip(actual, starts, strict=True)]


@pytest.mark.parametrize(
    "text", ["", "- a\n", "columns: [", "a" * 10, "[" * 5000, "\x00", "columns:\n  ? [1]\n  : 2\n"]
)
def test_a_mapping_that_is_none_is_refused_plainly(tmp_path, text):
    """Whatever stands in the file, the analyst reads an instruction."""
    path = extract(tmp_path, HEADERS["short hand"])
    mapping_path(path).write_text(text, encoding="utf-8")

    assert all(fault.startswith("requests.mapping.yml: ") for fault in faults_of(read_extract, path))


def test_an_ambiguous_column_is_refused_by_row_numbers_alone(tmp_path):
    """The column may hold dates of birth, so no cell is shown."""
    path = written(tmp_path, "Request date,DoB\n2024-01-13,03/04/2012\n2024-01-14,\n2024-01-15,05/06/2013\n")
    (fault,) = faults_of(read_extract, confirmed(path))

    assert "requests.csv, column 'DoB': rows 2, 4 could be day first or month first" in fault
    assert "/2012" not in fault
    assert "/2013" not in fault


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        ("dates: day first", {"birth_date": "day first", "received_date": "day first"}),
        ('dates:\n  "DoB": month first', {"birth_date": "month first"}),
    ],
)
def test_the_answer_to_an_ambiguous_column_is_carried_to_cleaning(tmp_path, answer, expected):
    """For the file, or for one column."""
    path = written(tmp_path, "Request date,DoB\n2024-01-13,03/04/2012\n2024-01-15,05/06/2013\n")

    assert expected == read_extract(confirmed(path, ("dates: as found", answer))).date_order


def test_columns_that_show_their_order_answer_for_the_file(tmp_path):
    """One system writes all its dates alike; the note says which columns rest on the others."""
    mapping = propose_mapping(written(tmp_path, "Request date,DoB\n13/01/2024,03/04/2012\n"))

    assert "day first" == mapping.dates
    assert "column 'DoB' is read day first, as other columns show (see row 2)." in mapping.notes[0]


def test_columns_of_different_orders_are_told_apart(tmp_path):
    """Two systems joined in one file."""
    mapping = propose_mapping(written(tmp_path, "Request date,DoB\n13/01/2024,04/23/2012\n"))

    assert {"Request date": "day first", "DoB": "month first"} == mapping.dates


def test_an_order_that_the_column_contradicts_is_refused(tmp_path):
    """The mapping says month first, row 2 says 25/12."""
    path = written(tmp_path, "Request date,Final plan issued\n25/12/2023,2024-05-01\n03/04/2024,\n")
    (fault,) = faults_of(read_extract, confirmed(path, ("dates: day first", "dates: month first")))

    assert "row 2 can only be day first, but the mapping says month first" in fault


@pytest.mark.parametrize(
    ("field", "text", "code"),
    [
        ("request_outcome", "Agreed to assess", "Y"),
        ("request_outcome", "AGREE", "Y"),
        ("request_outcome", "Refused", "N"),
        ("request_outcome", "No - not assess", "N"),
        ("request_outcome", "Decision not to assess", "N"),
        ("request_outcome", "Pending", "A"),
        ("request_outcome", "No decision yet", "A"),
        ("request_outcome", "Request withdrawn by parent", "W"),
        ("request_outcome", "Refusal overturned", None),
        ("request_outcome", "N/A", None),
        ("assessment_outcome", "Plan issued", "Y"),
        ("assessment_outcome", "Not to issue", "N"),
        ("assessment_outcome", "Assessment in progress", "A"),
        ("week20", "TRUE", "1"),
        ("week20", "1.0", "1"),
        ("week20", "No exception", "0"),
        ("sex", "female", "F"),
        ("sex", "Male", "M"),
        ("request_source", "Parent/carer", "1"),
        ("cease_reason", "Moved to another LA", "5"),
        ("cease_reason", "Left England", "7"),
        ("need", "ASC", "ASD"),
        ("need", "Profound & Multiple Learning Difficulty", "PMLD"),
        ("need", "Communication and Interaction", None),
    ],
)
def test_words_are_brought_to_the_returns_codes(field, text, code):
    """What is not certain is left to the analyst."""
    assert code == code_for(field, text)


def test_codes_are_translated_as_the_mapping_says(tmp_path):
    """The analyst's word counts; a text that the mapping does not list stays for cleaning to report."""
    rows = "R1,13/01/2024,Agreed to assess\nR2,14/01/2024,refused\nR3,15/01/2024,REFUSED\nR4,16/01/2024,Hub knows\n"
    path = written(tmp_path, "Case Ref,Request date,Decision to assess\n" + rows + "R5,17/01/2024,Pending\n")
    read = read_extract(confirmed(path, ('"Pending": "A"', '"Pending": ""')))

    assert ["Y", "N", "N", "Hub knows", None] == _texts(read.modules["requests"]["request_outcome"])


def test_a_text_without_an_answer_stops_the_reading(tmp_path):
    """`?` in a confirmed mapping was overlooked."""
    path = written(tmp_path, "Case Ref,Request date,Decision to assess\nR1,13/01/2024,Refusal overturned\n")

    assert "codes of request_outcome: 1 answers are not in the list" in faults_of(read_extract, confirmed(path))[0]


def test_nothing_personal_is_written_or_shown(tmp_path):
    """Names, dates of birth, UPNs, ULNs and postcodes stay in the extract, whatever their column is called."""
    header = {f"{name} x": name for name in CELLS} | HEADERS["council database"]
    header |= {"Requested by whom": "request_source", "Outcome": "surname", "Type of need": "upn", "Sex": "postcode"}
    path = extract(tmp_path, header)
    mapping = propose_mapping(path)
    shown = "\n".join([_yaml(path, mapping), *mapping_text(mapping), repr(mapping)])

    assert [] == [text for name in PERSONAL for text in CELLS[name] if text and text in shown]


def test_a_name_in_a_column_of_codes_is_not_written(tmp_path):
    """`Mrs Okonkwo (parent)` is a source of request, and a person; the note gives the row."""
    rows = "".join(f"R{n},2024-01-13,{who}\n" for n, who in enumerate(["Parent", "Mrs Okonkwo (parent)", "GP"]))
    mapping = propose_mapping(written(tmp_path, "Case Ref,Request date,Requested by\n" + rows))

    assert {"request_source": {"GP": "3", "Parent": "1"}} == mapping.codes
    assert mapping.notes[0].startswith("column 'Requested by', row 3: ")


def test_a_file_without_headings_is_refused_without_its_cells(tmp_path):
    """Its first row names a child."""
    path = written(tmp_path, "Quillfeather,Perpetua,14/05/2012,B801200005001\nOzymandias,Thaddeus,02/11/2014,\n")
    (fault,) = faults_of(propose_mapping, path)

    assert "row 1 holds data, not headings (column 3, 4)" in fault
    assert "Quillfeather" not in fault


def test_an_extract_becomes_a_return(tmp_path):
    """One row a request: person, request, assessment, plan, placement and need, each with its row."""
    text = (
        "Case Ref,Client ID,DoB,Request date,Agreed to assess,Decision date,Agreed to issue,Final plan issued,"
        "Exception,Primary need,School\n"
        "R1,C1,2012-05-14,2024-01-13,Yes,2024-02-20,Yes,2024-05-30,No,ASD,123456\n"
        "R2,C1,2012-05-14,2023-01-13,No,2023-02-20,,,No,ASD,123456\n"
        "R3,C2,2013-05-14,2024-03-13,Yes,2024-04-20,,,No,SEMH,Quarry Lane Primary\n"
    )
    read = read_extract(confirmed(written(tmp_path, text), ('la_code: ""', 'la_code: "886"')))
    modules = read.modules

    assert ("extract", "886", date(2024, 5, 30), True) == (
        read.layout,
        read.la_code,
        read.extract_date,
        read.stable_ids,
    )
    assert [("C1", 2), ("C2", 4)] == list(modules["person"][["person_id", "row"]].itertuples(index=False, name=None))
    assert ["R1", "R2", "R3"] == modules["requests"]["request_id"].tolist()
    assert ["C1", "C1", "C2"] == modules["requests"]["person_id"].tolist()
    assert [("R1", "Y"), ("R3", None)] == _pairs(modules["assessment"], "assessment_outcome")
    assert [("R1", "2024-05-30")] == _pairs(modules["namedplan"], "start_date")
    assert [("R1", "123456")] == _pairs(modules["placementdetail"], "urn")
    assert [("R1", "ASD"), ("R2", "ASD"), ("R3", "SEMH")] == _pairs(modules["senneed"], "sen_type")
    assert {"1"} == set(modules["senneed"]["sen_type_rank"])
    assert ("requests", "request_outcome") in read.held
    assert ("requests", "closed_date") not in read.held


def test_dates_make_outcomes_only_where_the_mapping_says_so(tmp_path):
    """Issued means agreed twice; refused stays refused; neither is still open."""
    text = "Case Ref,Request date,Refusal date,Final plan issued\n" + (
        "R1,2024-01-13,,2024-05-30\nR2,2024-01-13,2024-02-20,\nR3,2024-01-13,,\nR4,2023-01-13,2023-02-20,2024-01-10\n"
    )
    path = confirmed(written(tmp_path, text))
    derived = read_extract(path).modules
    plain = read_extract(confirmed(path, ("from dates: true", "from dates: false"))).modules

    assert ["Y", "N", None, "N"] == _texts(derived["requests"]["request_outcome"])
    assert [None, "2024-02-20", None, "2023-02-20"] == _texts(derived["requests"]["request_outcome_date"])
    assert [("R1", "Y"), ("R4", "Y")] == _pairs(derived["assessment"], "assessment_outcome")
    assert [("R1", "2024-05-30"), ("R4", "2024-01-10")] == _pairs(derived["assessment"], "assessment_outcome_date")
    assert "request_outcome" not in plain["requests"]
    assert "assessment_outcome" not in plain["assessment"]


def test_a_decision_to_issue_is_no_date_of_issue(tmp_path):
    """The return dates a Y by the day the plan was sent: decided and not yet sent has no date."""
    text = "Case Ref,Request date,Decision to issue,Decision to issue date,Final plan issued\n" + (
        "R1,2024-01-13,Yes,2024-04-30,2024-05-30\nR2,2024-01-13,Yes,2024-04-30,\nR3,2024-01-13,No,2024-04-29,\n"
    )
    read = read_extract(confirmed(written(tmp_path, text))).modules["assessment"]

    assert ["2024-05-30", None, "2024-04-29"] == _texts(read["assessment_outcome_date"])


def test_without_ids_rows_and_persons_are_told_apart(tmp_path):
    """A child is known by UPN, else ULN, else name and date of birth, and the code says nothing of them."""
    text = "Request date,UPN,ULN,Surname,Forename,DoB\n" + (
        "2024-01-13,B801200005001,,Quill,Ann,2012-05-14\n2024-02-13,b801200005001,,Quill,Ann,2012-05-14\n"
        "2024-03-13,,9276308686,Quill,Ann,2012-05-14\n2024-03-14,,,Quill,Bea,2012-05-14\n"
        "2024-03-15,,,QUILL,Bea,2012-05-14\n2024-03-16,,,Quill,,\n2024-03-17,,,Quill,,\n"
    )
    read = read_extract(confirmed(written(tmp_path, text)))

    assert ["~1", "~1", "~2", "~3", "~3", "~4", "~5"] == read.modules["requests"]["person_id"].tolist()
    assert 5 == len(read.modules["person"])
    assert ["~row 2", "~row 3"] == read.modules["requests"]["request_id"].tolist()[:2]
    assert not read.stable_ids


def test_rows_of_one_person_fill_each_others_blanks(tmp_path):
    """The postcode stands in the second row only."""
    text = "Client ID,Request date,Post code\nC1,2024-01-13,\nC2,2024-01-14,ZZ1 1AA\nC1,2024-02-13,ZZ9 9ZZ\n"
    read = read_extract(confirmed(written(tmp_path, text))).modules["person"]

    assert [("C1", "ZZ9 9ZZ", 2), ("C2", "ZZ1 1AA", 3)] == list(
        read[["person_id", "postcode", "row"]].itertuples(index=False, name=None)
    )


def test_a_column_of_placements_is_told_apart_cell_by_cell(tmp_path):
    """Systems write a school's number, its name or an arrangement in one column; a refused request has no placement."""
    text = "Request date,Agreed to issue,Final plan issued,School\n" + (
        "2024-01-13,Yes,2024-05-30,123456\n2024-01-14,Yes,2024-05-30,10012345\n2024-01-15,Yes,2024-05-30,EOTAS\n"
        "2024-01-16,Yes,2024-05-30,Quarry Lane\n2024-01-17,No,,Quarry Lane\n"
    )
    read = read_extract(confirmed(written(tmp_path, text))).modules["placementdetail"]

    assert ["123456", None, None, None] == _texts(read["urn"])
    assert [None, "10012345", None, None] == _texts(read["ukprn"])
    assert [None, None, "OLA", None] == _texts(read["sen_setting"])
    assert [None, None, None, "Quarry Lane"] == _texts(read["sen_setting_other"])
    assert {"1"} == set(read["placement_rank"])


def test_formulas_and_scripts_stay_text(tmp_path):
    """A cell is never run, here or in what we write."""
    text = 'Case Ref,Request date,Ward\n=1+1,2024-01-13,"=HYPERLINK(""x"")"\nR2,2024-01-14,<script>alert(1)</script>\n'
    read = read_extract(confirmed(written(tmp_path, text))).modules["requests"]

    assert ["=1+1", "R2"] == read["request_id"].tolist()
    assert ['=HYPERLINK("x")', "<script>alert(1)</script>"] == read["area"].tolist()


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "cp1252"])
def test_files_saved_by_spreadsheets_are_read(tmp_path, encoding):
    """Names keep their accents, and the first heading loses its mark."""
    path = tmp_path / "requests.csv"
    path.write_bytes("Request date,Ward\n2024-01-13,Caf\u00e9 Road\n".encode(encoding))

    assert ["Caf\u00e9 Road"] == read_extract(confirmed(path)).modules["requests"]["area"].tolist()


def test_title_rows_above_a_workbooks_header_are_passed_over(tmp_path):
    """Report writers put the report's name and day on top, and a cover sheet in front."""
    path = tmp_path / "requests.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet("Cover").write(0, 0, "EHC requests")
        sheet = book.add_worksheet("Data")
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        sheet.write_row(0, 0, ["EHC requests, confidential"])
        sheet.write_row(1, 0, ["Run on", "01/02/2025"])
        sheet.write_row(3, 0, ["Case No", "Request date", "Agreed to assess?", "Ward"])
        sheet.write_row(4, 0, [101, "", "Yes", "North"])
        sheet.write_datetime(4, 1, pd.Timestamp("2024-01-13").to_pydatetime(), day)
    read = read_extract(confirmed(path)).modules["requests"]

    assert [("101", "2024-01-13", "Y", "North", "Data", 5)] == list(
        read[["request_id", "received_date", "request_outcome", "area", "sheet", "row"]].itertuples(
            index=False, name=None
        )
    )


def test_a_workbook_without_a_header_is_refused(tmp_path):
    """Every row holds a child's data."""
    path = tmp_path / "requests.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(0, 0, ["Quillfeather", "14/05/2012"])
        sheet.write_row(1, 0, ["Ozymandias", "02/11/2014"])
    (fault,) = faults_of(propose_mapping, path)

    assert "no sheet has a header row" in fault
    assert "Quillfeather" not in fault


def test_the_proposed_day_is_the_newest_event_and_no_typing_mistake(tmp_path):
    """A plan issued in 2042 does not make the extract one of 2042."""
    days = pd.date_range("2024-01-01", periods=120).strftime("%Y-%m-%d")
    text = "Request date,Final plan issued\n" + "".join(f"{day},\n" for day in days) + "2024-01-05,2042-05-01\n"

    assert date(2024, 4, 29) == propose_mapping(written(tmp_path, text)).extract_date


def test_the_terminal_shows_how_sure_each_field_is(tmp_path):
    """The analyst sees at once where to look."""
    lines = mapping_text(propose_mapping(extract(tmp_path, HEADERS["team's spreadsheet"])))

    assert "Final plan sent           issue_date  (sure)" in lines
    assert "4 of 11 columns are not used." in lines


def _yaml(path, mapping):
    return write_mapping(mapping, path, replace=True).read_text(encoding="utf-8")


def _texts(column):
    return [None if pd.isna(text) else text for text in column]


def _pairs(frame, column):
    return [
        (request, None if pd.isna(text) else text)
        for request, text in zip(frame["request_id"], frame[column], strict=True)
    ]
