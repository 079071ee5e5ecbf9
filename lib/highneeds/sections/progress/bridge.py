"""The bridge from a paper's counts to the published ones: which years, which ages, what is left between them (K5)."""

from highneeds import periods
from highneeds.claims import Claim, direction
from highneeds.figures import Figure, change_pct, slug, total
from highneeds.models.spans import Match, fit_ages, plans_of_school_age
from highneeds.sections.page import Block, Page
from highneeds.sections.progress import lines, printed
from highneeds.sections.progress.lines import PLANS, REQUESTS, SCHOOL_AGE

AGES = range(3, 17)
BAND = (5, 15)  # ages that two published bands make up


def paragraphs(page: Page) -> Block | None:
    """What the paper's years and ages are, and where its count of requests parts from the published one."""
    said = [claim for claim in (_years_said(page), _requests_said(page), *_ages_said(page)) if claim is not None]
    return page.paragraphs("From the paper's counts to the published ones", *said) if said else None


def _years_said(page: Page) -> Claim | None:
    """The Januaries that the paper's years are, where its count of plans is near them."""
    pair, found = printed.pair_of(page, PLANS.paper), printed.matches(page, PLANS)
    theirs = [printed.beside(page, PLANS, match) for match in found]
    if pair is None or not found or not all(match.near for match in found) or None in theirs:
        return None
    lags = {match.lag for match in found}
    tail = {1: "its years are those before the Januaries counted", 0: "its years are those Januaries"}
    words = tail.get(lags.pop(), "") if len(lags) == 1 else ""
    return page.say(
        "years",
        "The paper's {before} plans under {label_before} and {now} under {label_now} lie nearest the published "
        "{theirs_before} {theirs_before.when} and {theirs_now} {theirs_now.when}" + (": {words}." if words else "."),
        before=pair[0], now=pair[1], label_before=pair[0].period, label_now=pair[1].period,
        theirs_before=theirs[0], theirs_now=theirs[1], words=words,  # type: ignore[arg-type]
    )  # fmt: skip


def _requests_said(page: Page) -> Claim | None:
    """The change of requests on both counts; why they differ is not known."""
    pair, found = printed.pair_of(page, REQUESTS.paper), printed.matches(page, REQUESTS)
    theirs = [printed.beside(page, REQUESTS, match) for match in found]
    if pair is None or not found or None in theirs:
        return None
    ours, published = change_pct(pair[1], pair[0]), change_pct(theirs[1], theirs[0])  # type: ignore[arg-type]
    if not (ours.known and published.known):
        return None
    return page.say(
        "requests",
        "On the paper's own count requests were {way} {ours.size} ({before} to {now}), on the published one "
        "{way_there} {published.size} ({theirs_before} {theirs_before.when}, {theirs_now} {theirs_now.when}). What "
        "lies between the two is not explained in the paper; the section on requests says what can be told from each.",
        way=lines.moved(ours), ours=ours, before=pair[0], now=pair[1], way_there=lines.moved(published),
        published=published, theirs_before=theirs[0], theirs_now=theirs[1],  # type: ignore[arg-type]
    )  # fmt: skip


# ---- Statutory school age --------------------------------------------------------------------------------------------


def _ages_said(page: Page) -> list[Claim]:
    """The ages that each count of statutory school age is nearest to, and the change like for like."""
    pair, plans = printed.pair_of(page, SCHOOL_AGE.paper), printed.matches(page, PLANS)
    if pair is None or not plans or not all(match.near for match in plans):
        return []
    found = [_of_ages(page, own, match) for own, match in zip(pair, plans, strict=True)]
    if None in found:
        return []
    (first_ages, first), (last_ages, last) = found  # type: ignore[misc]
    slots = {"before": pair[0], "now": pair[1], "first": first, "last": last}
    words = {"ages_first": in_words(first_ages), "ages_last": in_words(last_ages)}
    said = page.say(
        "ages",
        "Under statutory school age the paper's {before} lies nearest {ages_first} {first.when} ({first}), its {now} "
        "nearest {ages_last} {last.when} ({last}).",
        **slots, **words,
    )  # fmt: skip
    return [said] if first_ages == last_ages else [said, *_like_for_like(page, pair, plans, last_ages)]


def _of_ages(page: Page, own: Figure, match: Match) -> tuple[tuple[int, int], Figure] | None:
    """First and last age whose published plans lie nearest a printed count, and those plans."""
    by_age = {age: page.facts.get(PLANS.measure, page.facts.authority, str(match.year), f"age {age}") for age in AGES}
    held = {age: each.value for age, each in by_age.items() if each.known}
    span = fit_ages(held, own.value)  # type: ignore[arg-type]
    return None if span is None else (span, of_span(page, span, str(match.year)))


def of_span(page: Page, span: tuple[int, int], year: str) -> Figure:
    """Published plans of a span of ages in a January: from bands of ages where these fit, else year by year."""
    facts, area, (first, last) = page.facts, page.facts.authority, span
    if span == BAND:
        return plans_of_school_age(facts, area, year)
    banded = first < BAND[0] and last == BAND[1]
    ages = range(first, BAND[0] if banded else last + 1)
    parts = [facts.get(PLANS.measure, area, year, f"age {age}") for age in ages]
    parts += list(plans_of_school_age(facts, area, year).inputs) if banded else []
    name = f"Age {first} to {last}"
    return total(
        parts, f"{PLANS.measure}.{area.slug}.{year}.{slug(name)}", period=year, period_basis=periods.JANUARY,
        breakdown=name,
    )  # fmt: skip


def _like_for_like(page: Page, pair, plans, ages: tuple[int, int]) -> list[Claim]:
    """The change on one span of ages, beside the one that the paper's two counts make; and a caution."""
    first, last = (of_span(page, ages, str(match.year)) for match in plans)
    printed_change, like = change_pct(pair[1], pair[0]), change_pct(last, first)
    if not (like.known and printed_change.known):
        return []
    said = [
        page.say(
            "ages_like",
            "On one span, {ages}, plans went from {first} to {last}, {way} {like.size}; the paper's two counts make it "
            "{printed_way} {printed_change.size}.",
            ages=in_words(ages), first=first, last=last, like=like, way=lines.moved(like),
            printed_change=printed_change, printed_way=lines.moved(printed_change),
        )
    ]  # fmt: skip
    return [*said, *_youngest_said(page, ages[0], first.period, last.period)]


def _youngest_said(page: Page, age: int, first: str, last: str) -> list[Claim]:
    """Whether plans at the youngest age moved so much in all of England that the department's ages may have shifted."""
    facts = page.facts
    youngest = change_pct(*(facts.get(PLANS.measure, facts.england, year, f"age {age}") for year in (last, first)))
    every = change_pct(*(facts.get(PLANS.measure, facts.england, year) for year in (last, first)))
    if not (youngest.known and every.known) or abs(youngest.value) <= 2 * abs(every.value):  # type: ignore[arg-type]
        return []
    return [
        page.warn(
            "ages_caution",
            "In England plans of the youngest of these ages were {way} {youngest.size}, all plans {way_all} "
            "{every.size}: how ages are counted may have changed in the published figures too.",
            youngest=youngest, every=every, way=direction(youngest), way_all=direction(every),
        )
    ]  # fmt: skip


def in_words(span: tuple[int, int]) -> str:
    """`ages 5 to 15`."""
    return f"ages {span[0]} to {span[1]}"
