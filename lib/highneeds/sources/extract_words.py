"""Words that case systems write in column headings, and which field of the return they speak of.

A heading is brought to plain words (`EHCNA Req Rec'd` becomes assessment, request, received) and compared with
phrases. Whether a column holds days or something else is known from its cells, so no phrase has the word `date`.
"""

import re
from dataclasses import dataclass
from functools import cache

from highneeds import fields
from highneeds.sources.extract_fields import (
    AGREED_DATE,
    ISSUE_DATE,
    NEED,
    NOT_ISSUED_DATE,
    PERSON_ID,
    PLACEMENT,
    REFUSED_DATE,
    REQUEST_ID,
    RETURN_FIELDS,
    SECOND_NEED,
    TARGETS,
    kind_of,
)

_PHRASE_WORDS = (
    (r"(?<=[a-z])(?=[A-Z])", " "),  # headings in camel case
    (r"(?i)\bd\.? ?o\.? ?b\b\.?", " birth "),
    (r"(?i)\brec['’]?d\b", " received "),
    (r"(?i)education,? health (and|&) care", " ehc "),
    (r"(?i)\b(ehc|statutory)? ?needs? assess\w*", " assessment "),
    (r"(?i)\by ?/ ?n\b", " "),
    (r"(?i)\bno\b\.?(?= (to|assess|issu|plan|ehcp))", " not "),
    (r"(?i)\b(young person|service user)('s)?\b", " person "),
    (r"(?i)(?<=\d)(?=[a-z])", " "),
    (r"(?i)\btwenty\b", "20"),
    (r"(?i)\b(local authority|l\.a\.)", " la "),
    (r"(?i)\bpost ?code\b|\bp ?code\b|\bpostal code\b", " postcode "),
    (r"(?i)['’]s\b", ""),
)
_SAME = {
    "request": "req reqs rqst requested requests requesting",
    "received": "recd recvd rcvd rec receipt recieved receiving",
    "referral": "ref'l referred referrals",
    "birth": "born",
    "assessment": "ehcna ehcnas ehca ehcar assess assessed assessing assessments asmt assmt",
    "plan": "ehcp ehcps plans",
    "decision": "decided decide decisions determination dec",
    "outcome": "result outcomes",
    "agreed": "agree agreement accepted accept approved approval",
    "refused": "refuse refusal declined decline rejected reject",
    "final": "finalised finalized finalise finalisation finalization",
    "issued": "issue issuing sent issuance",
    "week": "wk wks weeks w",
    "exception": "excep exceptions exempt exemption exceptional exempted",
    "id": "no num number ref reference identifier ident",
    "person": "client child pupil student cyp yp individual",
    "case": "cases",
    "source": "origin",
    "request_by": "requester requestor referrer",
    "cease": "ceased ceasing cessation",
    "closed": "close closure closing",
    "end": "ended ending finish finished",
    "withdrawn": "withdrew withdrawal withdraw",
    "placement": "school setting establishment provision provider placements",
    "need": "needs",
    "secondary": "second",
    "sex": "gender",
    "ethnicity": "ethnic",
    "surname": "lastname",
    "forename": "firstname",
    "tribunal": "appeal appealed sendist appeals",
    "resourced": "resource srp",
    "transfer": "transferred transferring transfers",
    "updated": "update",
    "amended": "amend amendment",
    "not": "non",
    "start": "started commenced",
    "postcode": "postcodes",
    "disability": "disabled",
}
_WORD = {other: word for word, others in _SAME.items() for other in others.split()}
_NOISE = set("the of for to a an was is in on at and or as date dates dt flag indicator ehc sen send made any".split())
_SOFT = {
    "person",
    "plan",
    "assessment",
    "current",
    "legal",
    "home",
    "name",
    "type",
    "primary",
    "first",
    "time",
    "limit",
}

# Field: phrases, then words that a heading of this field never has. A phrase with ? is a weak hint.
_DAYS = {
    "received_date": (
        "request, received, request received, request assessment, received assessment, referral, referral received, "
        "application, application received, 20 week start?, clock start?, assessment start?, start?",
        "decision outcome draft final issued review advice mediation tribunal due target agreed refused panel cease "
        "closed placement birth withdrawn acknowledged report views response transfer not by",
    ),
    AGREED_DATE: (
        "agreed, agreed assessment, request agreed",
        "issued final draft due review placement mediation tribunal not need plan",
    ),
    REFUSED_DATE: (
        "refused, refused assessment, request refused, not assessment, not agreed, not agreed assessment",
        "issued plan final due mediation tribunal review",
    ),
    "request_outcome_date": (
        "decision, decision assessment, request outcome, request decision, outcome?, panel?, panel decision, "
        "6 week decision, 6 week, decision letter",
        "issued plan final draft review cease mediation tribunal due target placement advice 16 20 agreed refused",
    ),
    "assessment_outcome_date": (
        "assessment outcome, decision issued, decision issued plan, decision plan, outcome plan, outcome issued, "
        "16 week decision, 16 week, agreed issued, agreed issued plan, agreed plan",
        "draft review due target cease request not refused",
    ),
    ISSUE_DATE: (
        "plan issued, final, final plan, final issued, final plan issued, issued, plan?, plan completed",
        "draft proposed due target deadline review amended decision outcome not refused cease end closed transfer "
        "exception request received advice start agreed panel reason placement updated",
    ),
    NOT_ISSUED_DATE: (
        "not issued, not plan, refused issued, refused plan, not issued plan, refused issued plan",
        "due",
    ),
    "closed_date": (
        "closed, case closed, request closed, withdrawn, request withdrawn, case end, referral closed",
        "plan placement review reason",
    ),
    "birth_date": ("birth", "parent"),
    "start_date": ("plan start", "request review placement due assessment"),
    "cease_date": ("cease, plan cease, plan end, plan closed", "reason review placement"),
    "updated_date": ("updated, modified, last updated, last modified, plan amended, plan updated", "review due draft"),
    "review_meeting": (
        "review, annual review, review meeting, last review, last annual review, annual review meeting",
        "next due decision outcome draft final phase completed",
    ),
    "last_review": (
        "review decision, annual review decision, review outcome, review completed",
        "next due draft phase",
    ),
    "review_draft": ("review draft, draft amended, draft amended plan", "due"),
    "phase_transfer_due_date": ("phase transfer due, phase transfer", "final"),
    "phase_transfer_final_date": ("phase transfer final", "due"),
    "entry_date": ("placement start, entry, placement entry", "end leaving plan review"),
    "leaving_date": ("placement end, leaving, placement leaving, placement cease", "start plan review"),
}
_NAMES = "parent carer officer worker contact mother father coordinator author manager gp placement"
_OTHERS = {
    REQUEST_ID: (
        "case id, request id, referral id, episode id, assessment id, record id, workflow id, application id, "
        "involvement id, case request id, plan id?, case?",
        "officer worker upn uln phone placement unique",
    ),
    PERSON_ID: ("person id, person?, id?, system id", "upn uln phone placement officer worker name case unique"),
    "upn": ("upn, unique person id", "reason unknown unavailable former previous"),
    "uln": ("uln, unique learner id", "reason unknown unavailable"),
    "upn_unknown": ("upn reason, upn unavailable, upn unknown, upn uln reason, upn uln unavailable reason", ""),
    "surname": ("surname, last name, family name", _NAMES),
    "forename": ("forename, first name, given name", _NAMES),
    "sex": ("sex", _NAMES),
    "ethnicity": ("ethnicity", _NAMES),
    "request_postcode": ("postcode request, postcode received, postcode request received, postcode referral", _NAMES),
    "postcode": ("postcode", f"{_NAMES} request received referral"),
    "disability": ("disability", "need allowance"),
    "request_source": (
        "source, request source, referral source, request by, referral by, request_by, request from, who request, "
        "source request assessment",
        "funding",
    ),
    "rya": ("rya, youth accommodation, custody", ""),
    "request_outcome": (
        "decision assessment, request outcome, request decision, agreed assessment, 6 week decision, decision, "
        "outcome?, proceed assessment, panel decision, panel outcome, initial decision, request status?",
        "plan issued final draft mediation tribunal reason review placement cease exception need",
    ),
    "assessment_outcome": (
        "assessment outcome, decision issued, decision issued plan, decision plan, plan outcome, plan agreed, "
        "agreed issued, agreed issued plan, issued, plan issued, final outcome, 16 week decision, outcome issued",
        "review draft reason cease placement mediation tribunal within exception",
    ),
    "request_mediation": ("mediation request, mediation refused, mediation refused assessment, mediation?", "issued"),
    "assessment_mediation": ("mediation issued, mediation not issued, mediation refused issued", ""),
    "other_mediation": ("mediation other, mediation content, mediation contents, mediation placement", ""),
    "request_tribunal": ("tribunal request, tribunal refused, tribunal refused assessment, tribunal?", "issued"),
    "assessment_tribunal": ("tribunal issued, tribunal not issued, tribunal refused issued", ""),
    "other_tribunal": ("tribunal other, tribunal content, tribunal contents, tribunal placement", ""),
    "week20": (
        "exception, 20 week exception, week exception, timescale exception, statutory exception",
        "reason detail details note notes within",
    ),
    "cease_reason": ("cease reason, plan cease reason, plan closed reason, plan end reason", ""),
    "pb": ("personal budget", "amount value direct organised"),
    "dp": ("direct payment, direct payments", "amount value"),
    "oa": ("organised arrangements", ""),
    "plan_res": ("residential", "placement"),
    "plan_wbp": ("work based, apprenticeship, supported internship", ""),
    "exported": ("exported, moved out, moved la, transfer out", ""),
    "transfer_la": ("transfer la, transfer from, transfer from la, previous la, transfer?", "phase out"),
    "review_outcome": ("review outcome, review decision, annual review outcome", ""),
    NEED: (
        "need, primary need, need type, primary need type, primary type, type need, category need, area need, "
        "primary area need",
        "secondary additional other",
    ),
    SECOND_NEED: ("secondary need, secondary need type, additional need", "primary"),
    "urn": ("urn, placement urn", "previous"),
    "ukprn": ("ukprn, placement ukprn", "previous"),
    "sen_setting": ("placement type, type placement", "previous proposed preferred request reason need"),
    PLACEMENT: (
        "placement, current placement, placement name, placement attended",
        "previous proposed preferred request reason need cost officer worker postcode address phone email",
    ),
    "sen_unit_indicator": ("unit, placement unit", ""),
    "resourced_provision_indicator": ("resourced, resourced placement, resourced base", ""),
    "placement_rank": ("placement rank", ""),
    "area": (
        "area, district?, locality, quadrant, ward?, neighbourhood?, area team, cluster?",
        "need postcode placement officer worker",
    ),
}


@dataclass(frozen=True)
class Guess:
    """One field that a heading may speak of: the higher the score the likelier; loose counts words left over."""

    field: str
    score: float
    loose: float
    weak: bool = False


def heading_words(heading: str) -> frozenset[str]:
    """Plain words of a heading, without those that say nothing about the field."""
    text = heading.replace("_", " ")
    for pattern, word in _PHRASE_WORDS:
        text = re.sub(pattern, word, text)
    words = re.findall(r"[a-z0-9]+", text.lower())
    return frozenset(_WORD.get(word, word) for word in words) - _NOISE


def says_date(heading: str) -> bool:
    """True where a heading says that its column holds days."""
    return bool(re.search(r"(?i)(?<!up)date|(\b|_)(d\.?o\.?b|dt|on|when)\b|birth|born", heading))


def guesses(heading: str, *, days: bool) -> list[Guess]:
    """Fields that a heading may speak of, the likeliest first, among fields that hold days or among the others."""
    words, found = heading_words(heading), []
    exact = _exact().get(fields.plain_heading(heading)) or _exact().get(heading.strip().lower())
    if exact and (kind_of(exact) == fields.DATE) == days:
        found.append(Guess(exact, 100, 0))
    for field, (phrases, never) in (_DAYS if days else _OTHERS).items():
        if field != exact and not words & set(never.split()):
            found += _best(field, phrases, words)
    return sorted(found, key=lambda guess: -guess.score)


def _best(field: str, phrases: str, words: frozenset[str]) -> list[Guess]:
    fits = []
    for phrase in phrases.split(", "):
        needed = frozenset(phrase.removesuffix("?").split())
        if needed <= words:
            loose = sum(0.25 if word in _SOFT else 1 for word in words - needed)
            weak = phrase.endswith("?")
            fits.append(Guess(field, 2 * len(needed) - loose - 0.5 * weak, loose, weak))
    best = max(fits, key=lambda guess: guess.score, default=None)
    return [best] if best and best.score > 0 else []


@cache
def _exact() -> dict[str, str]:
    """The return's own names and headings, in plain form, to the field; the first field where several share one."""
    names: dict[str, str] = {}
    for field in RETURN_FIELDS.values():
        elements = (field.element.lower(), *field.aliases, *map(fields.plain_heading, field.template))
        names |= {name: field.name for name in elements if name}
    return names | {target: target for target in TARGETS}
