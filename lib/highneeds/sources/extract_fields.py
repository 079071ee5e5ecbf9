"""What a column of a plain extract can be: the fields of the return, and a few that only case systems keep apart."""

from highneeds import fields

# Fields that an extract may have and the return has not: module, kind, what it is.
REQUEST_ID, PERSON_ID = "request_id", "person_id"
NEED, SECOND_NEED, PLACEMENT = "need", "second_need", "placement"
AGREED_DATE, REFUSED_DATE, ISSUE_DATE, NOT_ISSUED_DATE = "agreed_date", "refused_date", "issue_date", "not_issued_date"
EXTRA = {
    REQUEST_ID: (fields.REQUESTS, fields.ID, "the authority's own number of the request or case"),
    PERSON_ID: (fields.PERSON, fields.ID, "the authority's own number of the child or young person"),
    NEED: (fields.SEN_NEED, fields.CODE, "primary type of need"),
    SECOND_NEED: (fields.SEN_NEED, fields.CODE, "secondary type of need"),
    PLACEMENT: (fields.PLACEMENT_DETAIL, fields.TEXT, "placement: URN, UKPRN, setting code or name, cell by cell"),
    AGREED_DATE: (fields.REQUESTS, fields.DATE, "day of a decision to assess, blank where refused"),
    REFUSED_DATE: (fields.REQUESTS, fields.DATE, "day of a decision not to assess, blank where agreed"),
    ISSUE_DATE: (fields.ASSESSMENT, fields.DATE, "day the first final plan was issued"),
    NOT_ISSUED_DATE: (fields.ASSESSMENT, fields.DATE, "day of a decision not to issue a plan"),
}
RETURN_FIELDS = {f.name: f for f in reversed(fields.FIELDS) if f.module != fields.PLAN_DETAIL}
TARGETS = (*EXTRA, *reversed(RETURN_FIELDS))


def kind_of(target: str) -> str:
    """Kind (fields.DATE, CODE, ...) of a field that a column can be mapped to."""
    return EXTRA[target][1] if target in EXTRA else RETURN_FIELDS[target].kind


def codes_of(target: str) -> dict[str, str]:
    """Codes of a mapped field with their meaning; flags are 1 and 0; empty where the return leaves the list open."""
    if target in (NEED, SECOND_NEED):
        return dict(fields.SEN_TYPES)
    if kind_of(target) == fields.FLAG:
        return {"1": "Yes", "0": "No"}
    return dict(RETURN_FIELDS[target].codes or {}) if target in RETURN_FIELDS else {}
