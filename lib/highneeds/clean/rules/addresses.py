"""Rules on addresses: postcodes of children, areas of requests."""

import numpy as np

from highneeds import fields
from highneeds.cases import INFO, WARNING
from highneeds.clean.places import NO_POSTCODE, OUTSIDE, UNMAPPED
from highneeds.clean.rules.identifiers import good_postcodes
from highneeds.clean.rules.model import MONTHLY, Context, Look, Rule, counted, not_checked, number, saw

_AREA = (fields.REQUESTS, "area")


def bad_postcodes(context: Context) -> Look:
    """Children whose postcode is missing, or has not the shape of one."""
    missing = context.view.missing("persons", "postcode")
    wrong = ~missing & ~good_postcodes(context.cases.persons["postcode"])
    words = counted([("missing", number(missing)), ("wrong shape", number(wrong))])
    return saw(context, "persons", missing | wrong, len(missing), words)


def _no_postcodes(context: Context) -> bool:
    """True where no input has a postcode that an area could come from, nor an area of its own."""
    held = context.cases.has(fields.PERSON, "postcode") or context.cases.has(fields.REQUESTS, "request_postcode")
    return not held and bool(context.view.code("requests", "area", NO_POSTCODE).all())


def no_area(context: Context) -> Look:
    """Requests whose area is not known."""
    if _no_postcodes(context):
        return not_checked("no input has postcode (person); a return or extract with that field would allow it")
    view = context.view
    kinds = {
        "no usable postcode": view.code("requests", "area", NO_POSTCODE),
        "postcode not in the table of areas": view.code("requests", "area", UNMAPPED),
        "blank": view.missing("requests", "area"),
    }
    mask = np.logical_or.reduce(list(kinds.values()))
    return saw(context, "requests", mask, len(mask), counted((words, number(hit)) for words, hit in kinds.items()))


def outside_authority(context: Context) -> Look:
    """Requests from an address outside the authority."""
    if _no_postcodes(context):
        return not_checked("no input has postcode (person); a return or extract with that field would allow it")
    outside = context.view.code("requests", "area", OUTSIDE)
    if not context.la_postcodes and not outside.any():
        return not_checked("which postcodes are the authority's is not known; a table of its postcodes would allow it")
    return saw(context, "requests", outside, len(outside))


RULES = (
    Rule(
        "DQ28",
        WARNING,
        "Postcode missing or wrong",
        "A child's postcode is missing, or has not the shape of a whole postcode.",
        "Enter the whole postcode of the child's home.",
        bad_postcodes,
        needs=((fields.PERSON, "postcode"),),
        stops=(MONTHLY,),
    ),
    Rule(
        "DQ29",
        WARNING,
        "Area not known",
        "A request's area is not known: no usable postcode, or a postcode that no area has.",
        "Correct the postcode, or add its district to the table of areas. The request counts in the total.",
        no_area,
        needs=(_AREA,),
        stops=(MONTHLY,),
    ),
    Rule(
        "DQ30",
        INFO,
        "Address outside the authority",
        "A request comes from an address outside the authority.",
        "Nothing, if the authority is responsible. Counted in the total, and shown apart from the areas.",
        outside_authority,
        needs=(_AREA,),
    ),
)
