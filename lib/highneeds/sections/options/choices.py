"""Options: what each choice would cost or save, from the files that are there.

Owns the list of calculators, the answer, the key figures and what is missing. Each calculator's own block stands in
the module of its theme, each of its sums in `models.options`.
"""

from collections.abc import Callable
from dataclasses import dataclass

from highneeds import periods
from highneeds.claims import listed
from highneeds.figures import Figure, slug
from highneeds.measures.declarations import OWN
from highneeds.sections.options.banding import BANDING_FILES, banding, banding_option
from highneeds.sections.options.common import ASSUMED, INVENTED, Option, from_kind
from highneeds.sections.options.grant import (
    EXCLUDED_FILES,
    TOP_UP_FILES,
    TRANSFER_FILES,
    block_transfer,
    block_transfer_option,
    excluded_pupils,
    excluded_pupils_option,
    non_plan_top_up,
    non_plan_top_up_option,
)
from highneeds.sections.options.money import (
    INCLUSION_FILES,
    INVEST_FILES,
    funding_for_inclusion,
    funding_for_inclusion_option,
    invest_to_save,
    invest_to_save_option,
)
from highneeds.sections.options.placements import FILES as PLACEMENT_FILES
from highneeds.sections.options.placements import value_for_money, value_for_money_option
from highneeds.sections.options.places import (
    AP_FILES,
    PLACE_FILES,
    alternative_provision,
    alternative_provision_option,
    vacancies,
    vacancies_option,
)
from highneeds.sections.options.schools import (
    NOTIONAL_FILES,
    SLICE_FILES,
    notional_budget,
    notional_budget_option,
    top_slice,
    top_slice_option,
)
from highneeds.sections.page import Block, Page

__all__ = [
    "alternative_provision",
    "answer",
    "banding",
    "block_transfer",
    "excluded_pupils",
    "funding_for_inclusion",
    "invest_to_save",
    "key_figures",
    "missing",
    "non_plan_top_up",
    "notional_budget",
    "top_slice",
    "vacancies",
    "value_for_money",
]


@dataclass(frozen=True)
class Calculator:
    """One option: what it answers, the files it cannot do without, and what it says in the answer."""

    brings: str
    files: tuple[str, ...]
    option: Callable[[Page], Option | None]


CALCULATORS = (
    Calculator("places in alternative provision", AP_FILES, alternative_provision_option),
    Calculator("empty places", PLACE_FILES, vacancies_option),
    Calculator("bands of funding", BANDING_FILES, banding_option),
    Calculator("independent placements whose cost stands out", PLACEMENT_FILES, value_for_money_option),
    Calculator("a top-slice of school budgets", SLICE_FILES, top_slice_option),
    Calculator("the threshold of the notional budget", NOTIONAL_FILES, notional_budget_option),
    Calculator("funding for inclusion that becomes plans", INCLUSION_FILES, funding_for_inclusion_option),
    Calculator("invest to save", INVEST_FILES, invest_to_save_option),
    Calculator("recoupment for excluded pupils", EXCLUDED_FILES, excluded_pupils_option),
    Calculator("a transfer from the schools block", TRANSFER_FILES, block_transfer_option),
    Calculator("top-up without a plan", TOP_UP_FILES, non_plan_top_up_option),
)


def _held(page: Page) -> list[Option]:
    found = [calculator.option(page) for calculator in CALCULATORS]
    return [option for option in found if option is not None]


def answer(page: Page) -> Block:
    """How many options can be worked out, the largest yearly saving and cost, and what of it is invented."""
    held, area = _held(page), page.facts.authority
    if not held:
        _tell_missing(page)
        none = "No option has been worked out for {area}: the files it would be worked out from are not there."
        return page.answer(page.say("answer", none, area=area.name))
    first = page.say(
        "answer",
        "{held} of {all} options can be worked out for {area} from the files given.",
        held=_count(page, "held", len(held)),
        all=_count(page, "known", len(CALCULATORS)),
        area=area.name,
    )
    return page.answer(first, *_largest(page, held), *_cautions(page))


def _count(page: Page, tail: str, value: int) -> Figure:
    area, day = page.facts.authority, page.facts.as_at.isoformat()
    return Figure(
        id=f"options.{area.slug}.{slug(tail)}",
        measure="options",
        area_code=area.code,
        area=area.name,
        period=day,
        period_basis=periods.AT_DATE,
        value=float(value),
        status="",
        unit="options",
        source=OWN,
        reference=f"option calculators: {tail}",
    )


def _largest(page: Page, held: list[Option]) -> list:
    """Sentences on the largest yearly saving and the largest yearly cost, where there is one."""
    sums = [(option.yearly, option.words) for option in held if option.yearly is not None and option.yearly.known]
    said = []
    for id, sign, template in (
        ("saving", 1, "The largest saving a year would come from {words}: {sum.size}."),
        ("cost", -1, "The largest cost a year would come from {words}: {sum.size}."),
    ):
        best = max(sums, key=lambda each: sign * each[0].value, default=None)
        if best is not None and sign * best[0].value > 0:
            said.append(page.say(f"answer_{id}", template, words=best[1], sum=best[0]))
    return said


def _cautions(page: Page) -> list:
    """What of the inputs is invented or assumed, file by file."""
    said = []
    for kind, template in (
        (INVENTED, "Invented, to show the shape of an answer, and nobody's money or places: {files}."),
        (ASSUMED, "Assumed in part, because nobody knows: {files}. What rests on them is no firmer than they are."),
    ):
        names = from_kind(page, kind)
        words = "all of the files" if len(names) == len(page.options.tables) else listed(names or [""])
        if names:
            said.append(page.warn(f"caution_{kind}", template, files=words))
    return said


def key_figures(page: Page) -> Block | None:
    """One figure an option; those that may not be shown are left out."""
    keys = [option.key for option in _held(page) if option.key.figure.known]
    return page.key_figures(*keys) if keys else None


def _wanting(page: Page) -> dict[str, str]:
    """What is not worked out, and the files that would bring it."""
    there = page.options.tables
    lacking = {each.brings: [f"{name}.csv" for name in each.files if name not in there] for each in CALCULATORS}
    return {brings: " and ".join(names) for brings, names in lacking.items() if names}


def _tell_missing(page: Page) -> None:
    wanting = [f"{brings} ({names})" for brings, names in _wanting(page).items()]
    line = f"Options: not worked out for want of files in the folder options: {'; '.join(wanting)}."
    if wanting and line not in page.missing:
        page.missing.append(line)


def missing(page: Page) -> Block | None:
    """One paragraph: the options that are not worked out; the appendix has the files that would bring them."""
    wanting = _wanting(page)
    if not wanting:
        return None
    _tell_missing(page)
    words = "Not worked out: {what}. The last appendix names the files that each would need."
    return page.paragraphs("Options that are not worked out", page.say("missing", words, what=listed([*wanting])))
