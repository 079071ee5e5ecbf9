"""Words that case systems write in code columns, and the return's code that they stand for.

What is not known for certain is not guessed: `code_for` gives None and the analyst decides in the mapping.
"""

import re

import pandas as pd

from highneeds import fields
from highneeds.sources.extract_fields import NEED, SECOND_NEED, codes_of, kind_of
from highneeds.sources.extract_table import POSTCODE_FORM, ULN_FORM, UPN_FORM

UNDECIDED = "?"
_MOST_TEXTS = 60
_OFTEN = 5  # rows in which an unknown text must stand before it is written into a mapping
_NAME_PRONE = {"request_source"}
_UNKNOWN = r"unknown|^n a$|\bnot (known|applicable|recorded|required|sure)\b|overturn|conced|mediat|tribunal|appeal"
_OUTCOME = (
    ("W", r"withdr|cancel|no longer|moved|\bclosed\b|\bceased?\b|deceased|\bdied\b"),
    ("H", r"\bhistor|transfer(red)? in\b"),
    ("A", r"await|pending|not yet|yet to|\btbc\b|undecided|outstanding|consider|in hand|to be|no decision|\bopen\b"),
    ("N", r"\b(no|not|n|0|false)\b|refus|declin|reject|turned down|disagree"),
    ("Y", r"\b(y|yes|1|true)\b|\bagree|assess|issu|accept|approv|proceed|\bplan\b|\behcp\b"),
)
_NEEDS = (
    (None, r"interaction|cognition|sensory (and|or)|and or"),
    ("ASD", r"autis|\basd\b|\basc\b"),
    ("PMLD", r"profound|\bpmld\b"),
    ("SPLD", r"specific learning|dyslexia|\bspld\b"),
    ("MLD", r"moderate learning|\bmld\b"),
    ("SLD", r"severe learning|\bsld\b"),
    ("SEMH", r"\bsemh\b|mental health"),
    ("SLCN", r"\bslcn\b|speech|language"),
    ("MSI", r"multi ?sensory|\bmsi\b"),
    ("HI", r"hearing|\bhi\b"),
    ("VI", r"vision|visual|\bvi\b"),
    ("PD", r"physical|\bpd\b"),
    ("DS", r"\bdowns?\b"),
    ("OTH", r"^other|\both\b"),
)
_WORDS = {
    "request_outcome": ((None, r"progress|under ?way"), *_OUTCOME),
    "assessment_outcome": (("A", r"in progress|under ?way"), *_OUTCOME),
    "request_source": (
        ("4", r"social|\bcsc\b"),
        ("3", r"health|\bnhs\b|\bgp\b|paediatric|camhs|doctor|therap"),
        ("1", r"parent|carer|family|young person|\byp\b|mother|father"),
        ("2", r"school|setting|college|education|nursery|senco|headteacher|early years"),
        ("5", r"^other"),
    ),
    "cease_reason": (
        ("1", r"maximum age|max age|\baged? (out|25)|reached (age|25)"),
        ("2", r"needs (are )?(being )?met|no longer (needs|requires)"),
        ("3", r"higher education|university"),
        ("4", r"employment|paid work|\bjob\b"),
        ("7", r"outside (of )?england|abroad|overseas|scotland|wales|left england"),
        ("5", r"another (la|local authority|authority)|other la\b|moved (la|out of (la|area))|transfer"),
        ("6", r"engag"),
        ("8", r"deceased|\bdied\b|death"),
        ("9", r"^other"),
    ),
    "sex": (("F", r"\bf\b|female|girl|woman"), ("M", r"\bm\b|male|boy|\bman\b")),
    "sen_type": _NEEDS,
    NEED: _NEEDS,
    SECOND_NEED: _NEEDS,
    "sen_setting": (
        ("OLA", r"\beotas\b|otherwise than (at|in) school"),
        ("EHE", r"\behe\b|elective home|home educat"),
        ("NEET", r"\bneet\b"),
        ("NIEC", r"notice to cease"),
    ),
    "plan_res": (("A", r"\b38\b"), ("B", r"\b52\b")),
    "res": (("A", r"\b38\b"), ("B", r"\b52\b")),
    "placement_rank": (("1", r"main|primary|first"), ("2", r"second|subsid|dual")),
    "sen_type_rank": (("1", r"primary|main|first"), ("2", r"second")),
}
_FLAG = (
    ("0", r"\b(no|not|n|f|false|0|none)\b"),
    ("1", r"\b(yes|y|true|t|1|x|applies|applied|apply|exempt|exception)\b|✓|✔"),
)
# Words that name nobody: a value made of these alone may be written into the mapping.
_NAMELESS = set(
    """a 0 1 2 3 4 5 6 7 8 9 25 38 51 52 y n w h x t f yes no not true false none na tbc agree agreed agreement to the
    of for and or by in on at with without assess assessed assessing assessment issue issued issuing plan plans ehc ehcp
    ehcna refuse refused refusal decline declined reject rejected accept accepted approve approved proceed proceeding
    decision decided undecided made pending await awaited awaiting progress yet outstanding consideration under
    considered open closed withdraw withdrawn withdrew cancelled cease ceased historic historical transferred transfer
    deceased died moved out area la local authority another other exception exceptions exempt exemption applies applied
    apply parent parents parental carer carers or young person yp family school schools setting settings college
    nursery early years education educational senco headteacher health nhs gp paediatrician camhs social care service
    services csc male female boy girl unknown known recorded applicable required maximum age reached met needs need
    higher university employment paid work left england outside engage engaging longer wishes primary secondary main
    autism autistic spectrum disorder asd asc semh mental emotional slcn speech language communication hearing vision
    visual impairment multi sensory physical disability specific moderate severe profound multiple learning difficulty
    difficulties down downs syndrome interaction cognition eotas elective home educated neet notice panel request
    requested requires request week weeks residential ongoing overturned conceded mediation tribunal appeal initial
    deferred defer hold evidence more information""".split()
)


def plain_value(text: str) -> str:
    """Cell of a code column as it is compared: lower case, single spaces, `1.0` as 1."""
    flat = " ".join(text.lower().split())
    return flat[:-2] if re.fullmatch(r"\d+\.0", flat) else flat


def code_for(target: str, text: str) -> str | None:
    """The return's code for a cell's text, None where it is not certain."""
    codes, plain = codes_of(target), plain_value(text)
    same = [code for code, label in codes.items() if plain in (code.lower(), plain_value(label))]
    if same:
        return same[0]
    words = " ".join(re.findall(r"[a-z0-9✓✔]+", plain.replace("'", "")))
    if re.search(_UNKNOWN, words):
        return None
    rules = _FLAG if kind_of(target) == fields.FLAG else _WORDS.get(target, ())
    return next((code for code, pattern in rules if re.search(pattern, words)), None)


def names_nobody(text: str) -> bool:
    """True where a text is short and made of words that are no one's name."""
    return len(text) <= 60 and set(re.findall(r"[^\W_]+", text.lower().replace("'", ""))) <= _NAMELESS


def propose_codes(cells: pd.Series, target: str) -> tuple[dict[str, str], list[str]]:
    """Texts of a code column with their proposed codes ("?" where not certain), and the texts that are not listed.

    Texts that differ only in case or spaces are listed once. A text that could name somebody is not listed: one with
    words of which we do not know that they are nobody's name, unless it stands in many rows.
    """
    counts = cells.value_counts().sort_index()
    same: dict[str, list[str]] = {}
    for text in counts.index:
        same.setdefault(plain_value(text), []).append(text)
    listed = [plain for plain, texts in sorted(same.items()) if _may_be_listed(plain, counts[texts].sum(), target)]
    codes = {same[plain][0]: code_for(target, plain) or UNDECIDED for plain in listed[:_MOST_TEXTS]}
    return codes, [text for plain in same if plain not in listed[:_MOST_TEXTS] for text in same[plain]]


def _may_be_listed(plain: str, rows: int, target: str) -> bool:
    if names_nobody(plain) or plain in map(str.lower, codes_of(target)):
        return True
    personal = any(re.fullmatch(form, plain) for form in (UPN_FORM, ULN_FORM, POSTCODE_FORM))
    return rows >= _OFTEN and len(plain) <= 60 and target not in _NAME_PRONE and not personal
