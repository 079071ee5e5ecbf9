"""One small case story written out in every layout: two children, three requests, one plan. All names are made up.

The first child asked twice (4 March: a plan; 9 September: still open), the second once (11 March: not to issue).
"""

from pathlib import Path

import xlsxwriter

XML = """<?xml version="1.0" encoding="UTF-8"?>
<Message>
<Header>
 <Collection><Collection>SEN2</Collection><Year>2025</Year><ReferenceDate>2025-01-16</ReferenceDate></Collection>
 <Source><SourceLevel>L</SourceLevel><LEA>886</LEA><SoftwareCode>Any</SoftwareCode><SerialNo>1</SerialNo></Source>
</Header>
<Persons>
<Person>
 <Surname>Plantedone</Surname><Forename>Ana</Forename><PersonBirthDate>2015-02-01</PersonBirthDate>
 <Sex>F</Sex><Ethnicity>WBRI</Ethnicity><PostCode>ZZ99 3WZ</PostCode><UPN>B801200005001</UPN>
 <Requests>
  <ReceivedDate>2024-03-04</ReceivedDate><RequestSource>2</RequestSource><RYA>0</RYA>
  <RequestOutcomeDate>2024-04-10</RequestOutcomeDate><RequestOutcome>Y</RequestOutcome>
  <RequestMediation>0</RequestMediation><RequestTribunal>0</RequestTribunal>
  <Assessment>
   <AssessmentOutcome>Y</AssessmentOutcome><AssessmentOutcomeDate>2024-07-20</AssessmentOutcomeDate>
   <AssessmentMediation>0</AssessmentMediation><AssessmentTribunal>0</AssessmentTribunal>
   <OtherMediation>0</OtherMediation><OtherTribunal>1</OtherTribunal><Week20>0</Week20>
   <NamedPlan>
    <StartDate>2024-07-20</StartDate><PlanRes>A</PlanRes><PB>0</PB><OA>0</OA>
    <PlanDetail><URN>118001</URN><PlacementRank>1</PlacementRank><SENunitIndicator>1</SENunitIndicator></PlanDetail>
   </NamedPlan>
  </Assessment>
  <ActivePlans>
   <TransferLA>887</TransferLA><LastReview>2024-12-02</LastReview>
   <PlacementDetail><URN>118001</URN><EntryDate>2024-09-02</EntryDate><PlacementRank>1</PlacementRank></PlacementDetail>
   <PlacementDetail><SENsetting>OLA</SENsetting><PlacementRank>2</PlacementRank></PlacementDetail>
   <SENneed><SENtype>ASD</SENtype><SENtypeRank>1</SENtypeRank></SENneed>
   <SENneed><SENtype>SLCN</SENtype><SENtypeRank>2</SENtypeRank></SENneed>
  </ActivePlans>
 </Requests>
 <Requests>
  <ReceivedDate>2024-09-09</ReceivedDate><RYA>0</RYA><RequestOutcome>A</RequestOutcome>
 </Requests>
</Person>
<Person>
 <Surname>Plantedtwo</Surname><Forename>Ben</Forename><PersonBirthDate>2012-11-30</PersonBirthDate>
 <Sex>M</Sex><Ethnicity>REFU</Ethnicity><PostCode>ZZ99 4WZ</PostCode><UPN>A801200005002</UPN>
 <Requests>
  <ReceivedDate>2024-03-11</ReceivedDate><RequestSource>1</RequestSource><RYA>0</RYA>
  <RequestOutcomeDate>2024-04-20</RequestOutcomeDate><RequestOutcome>Y</RequestOutcome>
  <RequestMediation>1</RequestMediation><RequestTribunal>0</RequestTribunal>
  <Assessment>
   <AssessmentOutcome>N</AssessmentOutcome><AssessmentOutcomeDate>2024-06-25</AssessmentOutcomeDate>
   <AssessmentMediation>0</AssessmentMediation><AssessmentTribunal>0</AssessmentTribunal>
   <OtherMediation>0</OtherMediation><OtherTribunal>0</OtherTribunal><Week20>1</Week20>
  </Assessment>
 </Requests>
</Person>
</Persons>
</Message>
"""

BLADE = {
    "sen2": """sen2tableid,NativeId,sen2orderseqcolumn,sourceid,collection,year,referencedate,sourcelevel,lea,\
softwarecode
1,1,1,9,SEN2,2025,2025-Jan-16 00:00:00,L,886,Any
""",
    "person": """persontableid,NativeId,personorderseqcolumn,sourceid,sen2tableid,surname,forename,personbirthdate,\
gendercurrent,ethnicity,postcode,upn
71,1,1,9,1,Plantedone,Ana,2015-Feb-01 00:00:00,F,WBRI,ZZ99 3WZ,B801200005001
72,2,2,9,1,Plantedtwo,Ben,2012-Nov-30 00:00:00,M,REFU,ZZ99 4WZ,A801200005002
""",
    "requests": """requeststableid,NativeId,requestsorderseqcolumn,sourceid,persontableid,receiveddate,\
rquestsource,rya,\
requestoutcomedate,requestoutcome,requestmediation,requesttribunal,exported
501,1,1,9,71,2024-Mar-04 00:00:00,2,0,2024-Apr-10 00:00:00,Y,0,0,
502,2,2,9,71,2024-Sep-09 00:00:00,,0,,A,,,
503,3,1,9,72,2024-Mar-11 00:00:00,1,0,2024-Apr-20 00:00:00,Y,1,0,
""",
    "assessment": """assessmenttableid,NativeId,assessmentorderseqcolumn,sourceid,requeststableid,assessmentoutcome,\
assessmentoutcomedate,assessmentmediation,assessmenttribunal,othermediation,othertribunal,week20
61,1,1,9,501,Y,2024-Jul-20 00:00:00,0,0,0,1,0
62,2,1,9,503,N,2024-Jun-25 00:00:00,0,0,0,0,1
""",
    "namedplan": """namedplantableid,NativeId,namedplanorderseqcolumn,sourceid,assessmenttableid,startdate,planres,pb,oa
41,1,1,9,61,2024-Jul-20 00:00:00,A,0,0
""",
    "plandetail": """plandetailtableid,NativeId,plandetailorderseqcolumn,sourceid,namedplantableid,urn,placementrank,\
senunitindicator
31,1,1,9,41,118001,1,1
""",
    "activeplans": """activeplanstableid,NativeId,activeplansorderseqcolumn,sourceid,requeststableid,transferla,\
lastreview
21,1,1,9,501,887,2024-Dec-02 00:00:00
""",
    "placementdetail": """placementdetailtableid,NativeId,placementdetailorderseqcolumn,sourceid,\
activeplanstableid,urn,\
entrydate,sensetting,placementrank
11,1,1,9,21,118001,2024-Sep-02 00:00:00,,1
12,2,2,9,21,,,OLA,2
""",
    "senneed": """senneedtableid,NativeId,senneedorderseqcolumn,sourceid,activeplanstableid,sentype,sentyperank
1,1,1,9,21,ASD,1
2,2,2,9,21,SLCN,2
""",
}

FIVE = {
    "m1": """Person ID,Surname,Forename,Dob (ccyy-mm-dd),Gender,Ethnicity,Postcode,UPN - Unique Pupil Number
P1,Plantedone,Ana,2015-02-01,F,WBRI,ZZ99 3WZ,B801200005001
P2,Plantedtwo,Ben,2012-11-30,M,REFU,ZZ99 4WZ,A801200005002
""",
    "m2": """Person ID,Requests Record ID,Date Request Was Received,Initial Request Whilst In RYA,Request Outcome Date,\
Request Outcome,Request Mediation,Request Tribunal,Exported - Child Or Young Person Moves Out Of LA Before Assessment \
Is Completed,New start date
P1,R1,2024-03-04,0,2024-04-10,Y,0,0,,
P1,R2,2024-09-09,0,,A,,,,
P2,R3,2024-03-11,0,2024-04-20,Y,1,0,,
""",
    "m3": """Person ID,Requests Record ID,Assessment Outcome To Issue EHCP,Assessment Outcome Date,\
Assessment Mediation,\
Assessment Tribunal,Other Mediation,Other Tribunal,Twenty Weeks Time Limit Exceptions Apply
P1,R1,Y,2024-07-20,0,0,0,1,0
P2,R3,N,2024-06-25,0,0,0,0,1
""",
    "m4": """Person ID,Request Records ID,EHC Plan Start Date,Residential Settings,Worked based learning activity,\
Personal budget taken up,Personal budget - organised arrangements,Personal budget - direct payments,\
Date EHC Plan Ceased,\
Reason EHC Plan Ceased
P1,R1,2024-07-20,A,,0,0,,,
""",
    "m5": """Person ID,Request Records ID,EHC Plan (Transfer),Residential Settings,Worked based learning activity,\
EHCP review decisions date
P1,R1,887,,,2024-12-02
""",
}

ANNEX_1 = """Unique ID,UPN,ULN,Date of birth,Gender,Ethnicity,Date initial EHC plan issued,\
Date updated EHC plan issued,\
Date EHC plan last reviewed,SEN primary need,Main education establishment – URN,Main education establishment – phase,\
Subsidiary education establishment – phase (dual registration),Elective home education,Suspensions,\
Permanent exclusions,\
Absence,Pupil Premium,Known to children's social care?,Which children's social care team?,\
Does the child or young person have a disability?
C1,B801200005001,,2015-02-01,F,WBRI,2024-07-20,,2024-12-02,ASD,118001,Primary,,No,0,0,3,No,No,,Yes
C3,A801200005003,,2013-05-06,M,WBRI,2022-01-10,2023-02-01,,MLD,,,,Yes,0,0,0,No,No,,No
"""
ANNEX_2 = """Unique ID,UPN,ULN,Date of birth,Gender,Ethnicity,SEN primary need,Main education establishment – URN,\
Main education establishment – phase,Subsidiary education establishment – phase (dual registration),Suspensions,\
Permanent exclusions,Absence,Pupil Premium,Known to children's social care?,Which children's social care team?,\
Does the child or young person have a disability?
C9,A801200005009,,2016-01-01,F,WBRI,SLCN,118009,Primary,,0,0,1,No,No,,No
"""

# Headings break lines and carry remarks, as in the template as issued.
TEMPLATE = [
    ("Header Record", [["Record Type", "Collection Name", "Year", "Reference Date", "LA Number", "Software\nCode"],
                       [0, "SEN2", 2025, "2025-01-16", 886, "Any"]]),
    ("Person Record", [["Record Type", "Person ID (unique\nin this file)", "LA (From Header Record)", "Surname",
                        "Forename",
                        "Date of Birth\n(ccyy-mm-dd)", "Sex", "Ethnicity", "Post Code", "UPN – Unique Pupil Number"],
                       [1, 1, 886, "Plantedone", "Ana", "2015-02-01", "F", "WBRI", "ZZ99 3WZ", "B801200005001"],
                       [1, 2, 886, "Plantedtwo", "Ben", "2012-11-30", "M", "REFU", "ZZ99 4WZ", "A801200005002"]]),
    ("Requests Records", [["Record Type", "Person ID (from\nPerson Record)", "LA (From Header Record)",
                           "Requests record ID (unique)", "Date request\nwas received",
                           "Source of request for an EHC needs assessment", "Initial Request Whilst In RYA",
                           "Request Outcome Date", "Request Outcome", "Request Mediation", "Request Tribunal"],
                          [2, 1, 886, 1, "2024-03-04", 2, 0, "2024-04-10", "Y", 0, 0],
                          [2, 1, 886, 2, "2024-09-09", None, 0, None, "A", None, None],
                          [2, 2, 886, 3, "2024-03-11", 1, 0, "2024-04-20", "Y", 1, 0]]),
    ("Assessments Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                              "Assessment Outcome - Decision to issue EHC plan (Y/N)", "Assessment Outcome Date",
                              "Assessment Mediation", "Assessment Tribunal", "Other Mediation", "Other Tribunal",
                              "Twenty week time limit exceptions apply"],
                             [3, 1, 886, 1, "Y", "2024-07-20", 0, 0, 0, 1, 0],
                             [3, 2, 886, 3, "N", "2024-06-25", 0, 0, 0, 0, 1]]),
    ("Named Plan Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                             "EHC Plan Start Date", "Residential Settings", "Personal Budget taken up",
                             "Personal Budget - Organised Arrangements"],
                            [4, 1, 886, 1, "2024-07-20", "A", 0, 0]]),
    ("Plan Detail Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                              "URN - Unique Reference Number", "Placement Rank", "SEN Unit Indicator"],
                             [4, 1, 886, 1, 118001, 1, 1]]),
    ("Active Plan Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                              "EHC Plan transferred in from another LA during calendar year",
                              "Annual Review Meeting Date",
                              "EHC Plan Review Decisions Date"],
                             [5, 1, 886, 1, 887, None, "2024-12-02"]]),
    ("Placement Detail Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                                   "URN - Unique Reference Number", "Placement Start Date",
                                   "SEN Setting - Establishment type", "Placement Rank"],
                                  [5, 1, 886, 1, 118001, "2024-09-02", None, 1],
                                  [5, 1, 886, 1, None, None, "OLA", 2]]),
    ("SEN Need Records", [["Record Type", "Person ID", "LA (From Header Record)", "Requests record ID",
                           "SEN Type of Need", "SEN Type of Need rank"],
                          [5, 1, 886, 1, "ASD", 1], [5, 1, 886, 1, "SLCN", 2]]),
]  # fmt: skip

PRE_SUBMISSION = {
    "Person": [["persontableid", "surname", "forename", "personbirthdate", "sex", "ethnicity", "postcode", "upn"],
               [1, "Plantedone", "Ana", "2015-02-01", "F", "WBRI", "ZZ99 3WZ", "B801200005001"],
               [2, "Plantedtwo", "Ben", "2012-11-30", "M", "REFU", "ZZ99 4WZ", "A801200005002"]],
    "Requests": [["persontableid", "requeststableid", "receiveddate", "requestsource", "rya", "requestoutcomedate",
                  "requestoutcome", "requestmediation", "requesttribunal"],
                 [1, 1, "2024-03-04", 2, 0, "2024-04-10", "Y", 0, 0],
                 [1, 2, "2024-09-09", None, 0, None, "A", None, None],
                 [2, 3, "2024-03-11", 1, 0, "2024-04-20", "Y", 1, 0]],
    "Assessments": [["persontableid", "requeststableid", "assessmentoutcome", "assessmentoutcomedate",
                     "assessmentmediation", "assessmenttribunal", "othermediation", "othertribunal", "week20"],
                    [1, 1, "Y", "2024-07-20", 0, 0, 0, 1, 0], [2, 3, "N", "2024-06-25", 0, 0, 0, 0, 1]],
    "Named Plan": [["persontableid", "requeststableid", "startdate", "planres", "pb", "oa"],
                   [1, 1, "2024-07-20", "A", 0, 0]],
    "Plan Detail": [["persontableid", "requeststableid", "urn", "placementrank", "senunitindicator"], [1, 1,
                     118001, 1, 1]],
    "Active Plan": [["persontableid", "requeststableid", "transferla", "lastreview"], [1, 1, 887, "2024-12-02"]],
    "Placement Detail": [["persontableid", "requeststableid", "urn", "entrydate", "sensetting", "placementrank"],
                         [1, 1, 118001, "2024-09-02", None, 1], [1, 1, None, None, "OLA", 2]],
    "SEN Need": [["persontableid", "requeststableid", "sentype", "sentyperank"], [1, 1, "ASD", 1], [1, 1, "SLCN", 2]],
}  # fmt: skip


def write_sheets(path: Path, sheets: dict[str, list[list]], first_column: int = 0) -> Path:
    """A workbook with these cells; numbers become floats, as spreadsheets keep them."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = xlsxwriter.Workbook(str(path), {"strings_to_formulas": False})
    for name, rows in sheets.items():
        sheet = book.add_worksheet(name)
        for at, row in enumerate(rows):
            sheet.write_row(at, first_column, row)
    book.close()
    return path


def write_xml(folder: Path, text: str = XML) -> Path:
    """The story as XML."""
    return _write(folder / "return.xml", text)


def write_blade(folder: Path, tables: dict[str, str] | None = None, day: str = "20-01-2025") -> Path:
    """The story as an export of nine files; gives the folder."""
    for name, text in (tables or BLADE).items():
        _write(folder / f"Blade-Export_{day}_{name}.csv", text)
    return folder


def write_five(folder: Path, tables: dict[str, str] | None = None) -> Path:
    """The story as a set of five files; gives the folder."""
    for name, text in (tables or FIVE).items():
        _write(folder / f"{name}.csv", text)
    return folder


def write_annex(folder: Path) -> Path:
    """Lists 1 and 2; gives the folder."""
    _write(folder / "list 1.csv", ANNEX_1)
    _write(folder / "list 2.csv", ANNEX_2)
    return folder


def template_rows(tables: list | None = None) -> list[list]:
    """Stacked tables: title, headings, records, two spacer rows."""
    rows: list[list] = [[]]
    for title, block in tables or TEMPLATE:
        rows += [[title], *block, [], []]
    return rows


def write_template(path: Path, tables: list | None = None) -> Path:
    """The story in the Excel template, titles in the second column."""
    return write_sheets(
        path, {"Guidance": [["Fill in the next sheet"]], "Data Entry Template": template_rows(tables)}, 1
    )


def write_pre_submission(path: Path) -> Path:
    """The story as a sheet a module."""
    return write_sheets(path, PRE_SUBMISSION)


def _write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="")
    return path
