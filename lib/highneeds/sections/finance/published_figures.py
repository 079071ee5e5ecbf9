"""Published high needs money as figures: the grant, spend by kind and the balance, for each plan and as shares.

Owns what is worked out from them for the authority, England and the statistical neighbours; the words are
`published`'s.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date

from highneeds.facts import NEIGHBOURS, Area
from highneeds.figures import POUNDS, Figure, slug, total
from highneeds.measures.declarations import OWN
from highneeds.measures.ratios import MIN_CASES
from highneeds.models.deficit.years import january_of
from highneeds.periods import financial_year_of
from highneeds.sections.page import Page

BLOCK, SPEND, BALANCE, PLANS, PLACED = (
    "high_needs_block", "high_needs_spend", "dsg_balance", "ehc_plans", "high_needs_placements",
)  # fmt: skip
INDEPENDENT = "Top-up, independent and non-maintained schools"
KINDS = {
    "Places": ("place funding",),
    "Top-up, state mainstream schools": ("top-up: maintained mainstream",),
    "Top-up, state special schools": ("top-up: maintained special",),
    INDEPENDENT: ("top-up: independent and non-maintained",),
    "Top-up, after school": ("top-up: maintained post-school", "top-up: independent post-school"),
    "Alternative provision": ("top-up: maintained AP", "top-up: independent AP", "AP services"),
    "SEN support services and therapies": ("SEN support services", "therapies"),
    "Hospital education": ("hospital",),
    "Income, taken off": ("top-up: income",),
}


# ---- Figures ---------------------------------------------------------------------------------------------------------

Ask = Callable[[Area], Figure]


def newest(page: Page, measure: str) -> str:
    """Newest period with any row of a measure: of a balance England has no figure; empty where there is none."""
    values = page.facts.values
    return max(values.loc[values["measure"].eq(measure), "period"], default="")


def ratio_of(
    page: Page, name: str, areas: Sequence[Area], top: Ask, bottom: Ask, *, unit: str = POUNDS, few: int = 0
) -> Figure:
    """Sum of tops over sum of bottoms of the areas that have both (100 times it, for a %); none below `few` cases."""
    pairs = [(top(area), bottom(area)) for area in areas]
    held = [pair for pair in pairs if pair[0].known and pair[1].known]
    area = areas[0] if len(areas) == 1 else Area(NEIGHBOURS, page.facts.together)
    above, below = (sum(pair[at].value for pair in held) for at in (0, 1))  # type: ignore[misc]
    lost = next((each.status for pair in pairs for each in pair if not each.known), "x")
    status = lost if not held else "z" if not below else "u" if below < few else ""
    scale, sums = 100 if unit == "%" else 1, [" + ".join(pair[at].id for pair in held) for at in (0, 1)]
    return replace(
        pairs[0][0],
        id=f"{name}.{area.slug}.{pairs[0][0].period}",
        measure=name,
        area_code=area.code,
        area=area.name,
        breakdown="Total",
        value=None if status else scale * above / below,
        status=status,
        unit=unit,
        source=OWN,
        reference=f"{scale} * ({sums[0]}) / ({sums[1]})" if held else "no authority has every part",
        places=1 if unit == "%" else 0,
        inputs=tuple(each for pair in held or pairs for each in pair),
    )


def money_in(page: Page, measure: str, area: Area, year: str, kind: str = "Total") -> Figure:
    """Money of a year, in all or of one of KINDS; a kind with a part that is not given is not given."""
    parts = [page.facts.get(measure, area, year, name) for name in KINDS.get(kind, (kind,))]
    if len(parts) == 1:
        return parts[0]
    id = f"{measure}_of_kind.{area.slug}.{year}.{slug(kind)}"
    return total(parts, id, period=year, period_basis=parts[0].period_basis, breakdown=kind)


def per_plan(page: Page, measure: str, year: str, areas: Sequence[Area], *, kind: str = "Total") -> Figure:
    """Money of a year for each plan of the January inside it, pounds."""
    return ratio_of(
        page,
        f"{measure}_per_plan_{slug(kind)}",
        areas,
        lambda area: money_in(page, measure, area, year, kind),
        lambda area: page.facts.get(PLANS, area, january_of(year)),
        few=MIN_CASES,
    )


def share_of(page: Page, kind: str, year: str, areas: Sequence[Area]) -> Figure:
    """One kind of spend, per cent of all."""
    return ratio_of(
        page,
        f"{SPEND}_share_{slug(kind)}",
        areas,
        lambda area: money_in(page, SPEND, area, year, kind),
        lambda area: money_in(page, SPEND, area, year),
        unit="%",
    )


def of_block_pct(page: Page, day: str, areas: Sequence[Area]) -> Figure:
    """The balance of a 31 March, per cent of the high needs block of the year that ends that day."""
    year = financial_year_of(date.fromisoformat(day))
    return ratio_of(
        page,
        f"{BALANCE}_of_block",
        areas,
        lambda area: page.facts.get(BALANCE, area, day),
        lambda area: page.facts.get(BLOCK, area, year),
        unit="%",
    )


def summed(page: Page, measure: str, period: str, areas: Sequence[Area]) -> Figure:
    """A measure of one area, or of several together."""
    if len(areas) == 1:
        return page.facts.get(measure, areas[0], period)
    return page.facts.pool(measure, areas, period, page.facts.together)
