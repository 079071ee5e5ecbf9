"""Sliders of a view as a scenario of the models: what each means, and which measures it can move.

Owns the translation; what a change does to plans, places and money stays with the models.
"""

from collections import Counter

from highneeds.figures import Figure
from highneeds.models.places import Setting
from highneeds.periods import financial_year_of
from highneeds.scenarios import ALL, ASSUMED, BY_PCT, TO, Change, Scenario
from highneeds.sections.common import latest_known
from highneeds.sections.finance.figures import seen
from highneeds.sections.page import Page
from highneeds.sections.places.figures import settings_held
from highneeds.views import View

PLANS, BALANCE = "ehc_plans", "dsg_balance"
REFUSED = "refused_of_decided_pct"
FILE = "explorer"


def slid(page: Page, view: View) -> Scenario | None:
    """What the view's sliders and scenario files change of its measure; None where nothing."""
    changes = [change for name in effective(page, view) for change in _CHANGES[name](page, view)]
    files = page.planning.scenarios if view.scenario and view.measure in (PLANS, BALANCE) else ()
    changes = [*(change for file in files for change in file.changes), *changes]
    if not changes:
        return None
    moved = [f"{name} times {value:.10g}" for name, value in view.moved.items()]
    name = ", ".join([*(file.name for file in files), *moved])
    return Scenario(name, "As the sliders of the explorer stand.", tuple(changes), FILE)


def effective(page: Page, view: View) -> list[str]:
    """Sliders of the view that were moved and can move its measure."""
    return [name for name in view.moved if _moves(page, view, name)]


def _moves(page: Page, view: View, name: str) -> bool:
    if view.measure == BALANCE:
        return bool(_CHANGES[name](page, view))
    if view.measure != PLANS:
        return False
    return name in ("entry_rate", "refusal_rate") and bool(_CHANGES[name](page, view)) or _of_type(page, view, name)


def _of_type(page: Page, view: View, name: str) -> bool:
    """True for places of the type whose plans are shown."""
    held = [setting for setting in _growing(page) if setting.placement == view.breakdown]
    return name == "places" and bool(held)


def refused(page: Page) -> Figure | None:
    """The latest share of decided requests that the authority refused: where the slider starts from."""
    period = latest_known(page, REFUSED)
    return page.facts.get(REFUSED, page.facts.authority, period) if period else None


def since(page: Page, name: str) -> str:
    """First year that a slider changes: the one that runs on the page's day. Places have days of their own: empty."""
    day = page.facts.as_at
    return {"places": "", "unit_cost": financial_year_of(day)}.get(name, str(day.year))


def _entry(page: Page, view: View) -> list[Change]:
    return [_change("entry_rate", ALL, BY_PCT, 100 * (view.entry_rate - 1), since(page, "entry_rate"))]


def _refusal(page: Page, view: View) -> list[Change]:
    """Fewer refused is more assessed: new plans follow the requests that are not refused, one for one."""
    held = refused(page)
    if held is None or not held.value or held.value >= 100:
        return []
    share = held.value / 100
    left = max(1 - share * view.refusal_rate, 0.0) / (1 - share)
    return [_change("entry_rate", ALL, BY_PCT, 100 * (left - 1), since(page, "refusal_rate"))]


def _places(page: Page, view: View) -> list[Change]:
    """What is planned comes in part, or more of it."""
    return [
        _change("places", each.name, TO, max(each.now + view.places * each.to_come, 0.0)) for each in _growing(page)
    ]


def _growing(page: Page) -> list[Setting]:
    """Settings whose places change on a day; a name that stands twice cannot be told apart in a scenario."""
    held = settings_held(page)
    names = Counter(each.name for each in held)
    return [each for each in held if each.opens is not None and each.to_come and names[each.name] == 1]


def _cost(page: Page, view: View) -> list[Change]:
    """Prices of the years to come; nothing where all years of the projection are over."""
    first, held = since(page, "unit_cost"), seen(page)
    if not held or held[0].last < first:
        return []
    return [_change("unit_cost", ALL, BY_PCT, 100 * (view.unit_cost - 1), first)]


_CHANGES = {"entry_rate": _entry, "refusal_rate": _refusal, "places": _places, "unit_cost": _cost}


def _change(line: str, of: str, operation: str, value: float, first: str = "") -> Change:
    return Change(line, of, "", operation, value, first, "", ASSUMED, 0)
