"""Local case data between the rooms: what a reader hands to cleaning, and what cleaning hands to measures.

A `RawReturn` is one return or extract as text, by module of the SEN2 return, every record with its
request id and the place it was read from. `Cases` are the cleaned tables: typed, joined by request id,
never by child, because one child may have several requests and plans.

Names, dates of birth, UPNs and postcodes stand in the persons table alone and never leave these tables.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

import pandas as pd

ERROR, WARNING, INFO = "error", "warning", "information"
SEVERITIES = (ERROR, WARNING, INFO)

# Where a record was read: file (its name only), sheet ("" where there is none), row as its program shows it
# (CSV and workbook: the header is row 1; XML: the line of the record's element).
PLACE = ["file", "sheet", "row"]


@dataclass(frozen=True)
class SourceFile:
    """A file that was read, by name and checksum."""

    name: str
    sha256: str
    size: int


@dataclass(frozen=True)
class RawReturn:
    """One return or extract, as text.

    layout: `sen2_xml`, `blade_csv`, `template`, `pre_submission`, `five_csv`, `annex_a` or `extract`.
    modules: module name (fields.MODULES) to frame. Its columns: the field names of `fields.FIELDS` that the
      input has, as text (dtype str, NaN where blank, outer spaces gone); `request_id` (text; NaN where the record
      names no parent that is there) in every module but person; `person_id` in person and requests; then file,
      sheet, row.
    held: (module, field) pairs that the layout and this input carry, so that absent is not read as blank.
    year: year of the return (2025: survey day in January 2025), None for an extract.
    extract_date: day the data speak of (reference date of a return; as the mapping says for an extract), else None.
    la_code: three digits, "" where the input does not say.
    """

    layout: str
    files: tuple[SourceFile, ...]
    modules: Mapping[str, pd.DataFrame]
    held: frozenset[tuple[str, str]]
    year: int | None = None
    extract_date: date | None = None
    la_code: str = ""
    stable_ids: bool = False  # request ids are the authority's own and last from year to year
    invented: bool = False  # made by `highneeds demo`
    date_order: Mapping[str, str] = field(default_factory=dict)  # field to `day first` or `month first`, where told


@dataclass(frozen=True)
class Finding:
    """What one data-quality rule found. No cell's content, only places and counts.

    where: for each file and sheet, the row numbers (first ones), as `PLACE`; out_of: rows the rule looked at.
    """

    rule: str
    severity: str
    message: str
    action: str
    count: int
    out_of: int
    where: tuple[tuple[str, str, tuple[int, ...]], ...] = ()
    stops: tuple[str, ...] = ()  # measures that cannot use these rows
    detail: str = ""  # a few plain words with counts, months or codes; never personal

    @property
    def share(self) -> float | None:
        """Percentage of the rows that the rule looked at; None where it looked at none."""
        return 100 * self.count / self.out_of if self.out_of else None


@dataclass(frozen=True)
class Cases:
    """Cleaned local case data. One row a record; dates are datetime64, flags nullable boolean, codes text in capitals.

    persons: person_id, surname, forename, birth_date, sex (M, F or missing), ethnicity, postcode, upn, uln,
      upn_unknown, disability.
    requests: request_id, person_id, received_date, request_source, rya, request_outcome, request_outcome_date,
      request_mediation, request_tribunal, exported, closed_date, area (see `clean.places`).
    assessments: request_id, assessment_outcome, assessment_outcome_date, assessment_mediation, assessment_tribunal,
      other_mediation, other_tribunal, week20.
    plans: request_id, start_date, plan_res, plan_wbp, pb, oa, dp, cease_date, cease_reason, updated_date,
      transfer_la, review_meeting, review_outcome, last_review, review_draft, phase_transfer_due_date,
      phase_transfer_final_date; `named` and `active` say which modules had the record.
    placements: request_id, kind (`named` or `active`), urn, ukprn, sen_setting, sen_setting_other,
      sen_unit_indicator, resourced_provision_indicator, placement_rank, entry_date, leaving_date,
      attendance_pattern, res, wbp.
    needs: request_id, sen_type, sen_type_rank.
    sen_support: person_id, sen_type, urn, phase of each child on an Annex A list 2, who has no plan; else empty.
    Every table: `module`, then PLACE. request_id and person_id are whole numbers that join the tables.

    links: request_id, person_id of every request, quarantined ones too, so that a plan still finds its child.
    quarantine: module, PLACE and rule of each row set aside. counts: module, rows_in, used, quarantined;
      rows_in = used + quarantined, always.
    cells: module, field, PLACE and rule of each cell that could not be used though its row is (DQ04: a date that
      cannot be read; DQ06: a date after the extract; DQ13: a code not in the list of its year). No content.
    held: (module, field) pairs that some input carries, so that absent is not read as blank.
    """

    persons: pd.DataFrame
    requests: pd.DataFrame
    assessments: pd.DataFrame
    plans: pd.DataFrame
    placements: pd.DataFrame
    needs: pd.DataFrame
    links: pd.DataFrame
    quarantine: pd.DataFrame
    counts: pd.DataFrame
    cells: pd.DataFrame
    extract_date: date
    la_code: str
    layouts: tuple[str, ...]
    years: tuple[int, ...]
    files: tuple[SourceFile, ...]
    held: frozenset[tuple[str, str]]
    sen_support: pd.DataFrame = field(default_factory=pd.DataFrame)
    invented: bool = False
    findings: tuple[Finding, ...] = field(default=())

    def has(self, module: str, *names: str) -> bool:
        """True where an input carries every one of these fields of a module."""
        return all((module, name) in self.held for name in names)
