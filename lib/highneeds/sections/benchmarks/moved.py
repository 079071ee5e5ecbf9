"""How each rate changed over up to five years: the authority's own, and beside how all others changed."""

from dataclasses import dataclass, replace

from highneeds.claims import Claim, listed
from highneeds.figures import Figure, counted, difference
from highneeds.models.funnel import FEW, HIGHER, LOWER, Funnel, funnel_of_changes, verdicts
from highneeds.models.intervals import difference95
from highneeds.sections.benchmarks.scored import Scored, kind_of, lowered, range_of, rows_of, tally, tested
from highneeds.sections.page import Block, Page
from highneeds.tables import Column, Row

YEARS = 5
LEAST_AUTHORITIES = 100  # with both figures: fewer do not say how authorities moved
ROSE, FELL, UNCLEAR = "rose", "fell", "no clear change"
BESIDE = {HIGHER: "above others", LOWER: "below others"}


@dataclass(frozen=True)
class Moved:
    """One rate in two periods: its change with the range of chance, and what others' changes make of it."""

    each: Scored
    first: Figure
    change: Figure
    low: Figure
    high: Figure
    z: float
    beside: str = FEW

    @property
    def own(self) -> str:
        """ROSE or FELL where nought lies outside the range, else UNCLEAR."""
        if self.low.value > 0:  # type: ignore[operator]
            return ROSE
        return FELL if self.high.value < 0 else UNCLEAR  # type: ignore[operator]


def moved(page: Page) -> list[Moved]:
    """Every measure tested that the authority has an earlier figure of, judged together; worked out once a page."""
    if "moved" not in page.kept:
        found = [made for each in tested(page) if (made := _moved(page, each)) is not None]
        judged = verdicts({made.each.measure.name: made.z for made in found})
        page.kept["moved"] = [replace(made, beside=judged[made.each.measure.name]) for made in found]
    return page.kept["moved"]


def _moved(page: Page, each: Scored) -> Moved | None:
    facts, measure = page.facts, each.measure
    earliest = int(each.period) - YEARS
    for period in facts.periods(measure.name):
        if not earliest <= int(period) < int(each.period):
            continue
        first, made = facts.get(measure.name, facts.authority, period), _changes(page, each, period)
        ends = range_of(measure, first), range_of(measure, each.mine)
        if made is not None and ends[0] is not None and ends[1] is not None:
            return _put(page, each, first, made, ends)  # type: ignore[arg-type]
    return None


def _put(page: Page, each: Scored, first: Figure, made: Funnel, ends) -> Moved:
    change = difference(each.mine, first)
    (old, new) = ((low.value, high.value) for low, high in ends)
    span = difference95(each.mine.value, new, first.value, old)  # type: ignore[arg-type]
    how = f"95% range, by chance alone, of {each.mine.id} - {first.id} (docs/methods.md)"
    tail = f"{page.facts.authority.slug}.{first.period}-to-{each.period}"
    low, high = (
        counted(
            f"{each.measure.name}_change_{end}.{tail}",
            value,
            change.unit,
            change,
            how,
            places=change.places,
            on=(each.mine, first),
        )
        for end, value in zip(("from", "to"), span, strict=True)
    )
    return Moved(each, first, change, low, high, made.z_of(page.facts.authority.code))


def _changes(page: Page, each: Scored, first: str) -> Funnel | None:
    """How all authorities moved; None where few have both figures. The same for every page of a day."""
    key = ("benchmarks", "changes", each.measure.name, first, each.period)
    if key not in page.facts.kept:
        both = [rows_of(page, each.measure, period) for period in (first, each.period)]
        made = funnel_of_changes(*both, kind=kind_of(each.measure))
        page.facts.kept[key] = made if made is not None and len(made.codes) >= LEAST_AUTHORITIES else None
    return page.facts.kept[key]


def change(page: Page) -> Block | None:
    """Each rate then and now, its change with its range, and England's change."""
    held = moved(page)
    if not held:
        return None
    columns = ["Then", "Change", "Lowest", "Highest", "England"]
    return page.table(
        "change",
        f"Change of each rate over up to five years, {page.facts.authority.name} and England (of plans held, since "
        "that January)",
        row_head="Measure",
        columns=[Column("Since", words=True), *(Column(name) for name in columns), Column("Shows", words=True)],
        rows=[Row(made.each.label, _cells(page, made)) for made in held],
        note="Change in percentage points, or in cases for 1,000 people. Lowest, highest: what chance allows (95%). "
        "Shows: rose or fell where that leaves nought out; above or below others where the change differs from that of "
        "all authorities by more than chance and their usual spread. The collection changed in 2023.",
    )


def _cells(page: Page, made: Moved) -> list[Figure | str]:
    facts, measure = page.facts, made.each.measure
    england = [facts.get(measure.name, facts.england, period) for period in (made.each.period, made.first.period)]
    figures = [made.first, made.change, made.low, made.high, difference(*england)]
    return [
        made.first.period,
        *figures,
        "; ".join([made.own, *([BESIDE[made.beside]] if made.beside in BESIDE else [])]),
    ]


def summary(page: Page) -> Block | None:
    """What changed beyond chance, and what changed unlike others, in words."""
    held = moved(page)
    if not held:
        return None
    ways = {way: [made for made in held if made.own == way] for way in (ROSE, FELL, UNCLEAR)}
    counts = {
        way: tally(page, f"moved_{way.split(' ')[0]}", len(made), f"rates that show: {way}")
        for way, made in ways.items()
    }
    said = page.say(
        "moved",
        "Of {all} rates with an earlier figure, {rose} rose, {fell} fell and {level} showed no clear change.",
        all=tally(page, "moved", len(held), "rates with an earlier figure"),
        rose=counts[ROSE],
        fell=counts[FELL],
        level=counts[UNCLEAR],
    )
    return page.paragraphs("Change over the years", said, _unlike_said(page, held))


def _unlike_said(page: Page, held: list[Moved]) -> Claim:
    unlike = [made for made in held if made.beside in BESIDE]
    if not unlike:
        return page.say(
            "moved_alike", "No change differs from those of all authorities by more than chance and their usual spread."
        )
    return page.say(
        "moved_unlike",
        "{count} {verb} from the changes of all authorities by more than chance and their usual spread: {which}.",
        count=tally(page, "moved_unlike", len(unlike), "changes beyond chance and usual spread, judged together"),
        verb="differs" if len(unlike) == 1 else "differ",
        which=listed([f"{lowered(made.each.measure.label)} ({BESIDE[made.beside]})" for made in unlike]),
    )
