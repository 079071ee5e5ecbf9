"""What all sections say alike: a figure beside others, a stated gap, the years to show."""

from highneeds import periods
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, difference
from highneeds.measures.declarations import MEASURES
from highneeds.models.paper_figures import row_figures
from highneeds.sections.page import KeyFigure, Page
from highneeds.terms import SYMBOLS

MOST_YEARS = 10


def beside(
    mine: Figure, other: Figure, *, above: str = "above", below: str = "below", level: str = "the same as"
) -> str:
    """Word that sets one figure against another, as both are printed."""
    if mine.text == other.text:
        return level
    return above if mine.value > other.value else below  # type: ignore[operator]


def noun(count: Figure, one: str, many: str = "") -> str:
    """`plan` for one, `plans` for all else."""
    return one if count.value == 1 else many or f"{one}s"


def capital(text: str) -> str:
    """Text with a capital letter first; the rest as it is."""
    return text[0].upper() + text[1:]


def years(page: Page, measure: str, most: int = MOST_YEARS) -> list[str]:
    """Latest periods with a figure for England, without those before the authority existed."""
    facts = page.facts
    return [
        year
        for year in facts.periods(measure, last=most)
        if facts.get(measure, facts.authority, year).status != "z" or _exists(page, measure, year)
    ]


def _exists(page: Page, measure: str, year: str) -> bool:
    opened = page.facts.opened
    return not opened or periods.last_day(year, MEASURES[measure].period_basis).isoformat() >= opened


def latest_known(page: Page, measure: str) -> str:
    """Newest period with a figure for the authority; empty where there is none."""
    facts = page.facts
    held = [year for year in facts.periods(measure) if facts.get(measure, facts.authority, year).known]
    return held[-1] if held else ""


def gap(page: Page, measure: str, latest: str) -> Claim:
    """Says that the newest figure is missing, why, and which is the last one held."""
    declared, facts = MEASURES[measure], page.facts
    label = declared.label[0].lower() + declared.label[1:] if not declared.label.startswith("EHC") else declared.label
    if not latest:
        return page.say(
            f"gap_{measure}",
            "There is no published figure for {label} by {day}.",
            label=label,
            day=periods.day_in_words(facts.as_at),
        )
    lost = facts.get(measure, facts.authority, latest)
    held = latest_known(page, measure)
    why = SYMBOLS.get(lost.status, SYMBOLS["x"]).split(":")[0]
    template = "There is no figure for {label} in {area} for {period}: {why}."
    slots: dict = {
        "label": label,
        "area": facts.authority.name,
        "period": periods.label(latest, declared.period_basis),
        "why": why,
    }
    if held:
        template += " The last one held is {last}, {last.when}."
        slots["last"] = facts.get(measure, facts.authority, held)
    said = page.say(f"gap_{measure}", template, **slots)
    if said.id not in {claim.id for claim in page.unknown}:
        page.unknown.append(said)
    return said


def against(page: Page, measure: str, label: str, words: str) -> KeyFigure | None:
    """Key figure beside England and the neighbours; the last known one where the newest is missing."""
    facts = page.facts
    period = latest_known(page, measure)
    if not period:
        return None
    mine = facts.get(measure, facts.authority, period)
    before = facts.get(measure, facts.authority, periods.previous_year(period, mine.period_basis))
    change = difference(mine, before)
    others = (
        []
        if mine.unit in ("requests", "plans", "pupils")
        else [facts.get(measure, facts.england, period), facts.neighbours_pooled(measure, period)]
    )
    way = (
        f"{direction(change)} from {before.text}"
        if change.known and direction(change) != "no change"
        else ("no change" if change.known else "")
    )
    said = _key_sentence(page, measure, words, period)
    since = before if way.endswith(before.text) else None
    return KeyFigure(label, mine, way, [figure for figure in others if figure.known], said, since)


def _key_sentence(page: Page, measure: str, words: str, period: str) -> Claim:
    """What the number is; and, where it is not the newest year's, why that one is missing."""
    latest = page.facts.latest(measure)
    if period == latest:
        return page.say(f"key_{measure}", words)
    lost = page.facts.get(measure, page.facts.authority, latest)
    why = SYMBOLS.get(lost.status, SYMBOLS["x"]).split(":")[0]
    label = periods.label(latest, MEASURES[measure].period_basis)
    return page.say(f"key_{measure}", words + " No figure for {latest}: {why}.", latest=label, why=why)


def compared_rows(page: Page, measures: tuple[str, ...], period: str) -> list[tuple[str, list[Figure]]]:
    """Authority, region, England, neighbours together and each neighbour: one row each."""
    facts = page.facts
    rows = [
        (area.name, [facts.get(measure, area, period) for measure in measures])
        for area in (facts.authority, facts.region, facts.england)
    ]
    rows.append((f"{facts.together}, together", [facts.neighbours_pooled(measure, period) for measure in measures]))
    rows += [(area.name, [facts.get(measure, area, period) for measure in measures]) for area in facts.neighbours]
    return rows


def printed_figure(page: Page, table: str, measure: str, period: str, breakdown: str = "Total") -> Figure | None:
    """One figure of the authority's own paper; None where the table or the row is not held."""
    found = row_figures(page.papers.tables.get(table), page.facts.authority, measure, period, breakdown)
    return found[0] if len(found) == 1 else None
