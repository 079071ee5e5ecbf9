"""The answer first: votes, recommendations without an outcome, risks, actions and surveys, and which are not held."""

from highneeds.claims import Claim, listed
from highneeds.figures import Figure, counted
from highneeds.sections.common import noun
from highneeds.sections.governance.decisions import carried, undecided
from highneeds.sections.governance.figures import cast_figures, register, rows_figure, votes_held
from highneeds.sections.governance.registers import action_counts, risk_counts
from highneeds.sections.governance.surveys import response, surveys_held
from highneeds.sections.page import Block, KeyFigure, Page

FILES = {
    "votes": ("votes", "votes.csv"),
    "recommendations": ("recommendations", "recommendations.csv"),
    "risks": ("a risk register", "risks.csv"),
    "actions": ("an action log", "actions.csv"),
    "survey": ("a survey", "survey.csv"),
}


def answer(page: Page) -> Block:
    """What was decided, what could go wrong, what is still open, and who was asked."""
    said = [_votes_said(page), _risks_said(page), _undecided_said(page), _actions_said(page), _survey_said(page)]
    return page.answer(*said, _missing_said(page))


def vote_counts(page: Page) -> tuple[Figure, Figure] | None:
    """Recommendations put to a vote, and those carried; None where no vote is held."""
    held = votes_held(page)
    if not held:
        return None
    like = max((cast_figures(page, ballot)[0] for ballot in held), key=lambda figure: figure.period)
    area, found = page.facts.authority.slug, []
    for name, part in (("put_to_vote", held), ("carried", carried(page))):
        how = f"count of votes of {like.reference.partition(',')[0]}: {', '.join(b.decision for b in part) or 'none'}"
        id = f"governance_{name}.{area}.{like.period}"
        found.append(counted(id, len(part), "recommendations", like, how, source=like.source))
    return found[0], found[1]


def _votes_said(page: Page) -> Claim | None:
    counts = vote_counts(page)
    if counts is None:
        return None
    put, won = counts
    slots: dict = {"put": put, "thing": noun(put, "recommendation"), "see": page.see("t", "votes")}
    if won.value == put.value:
        words = "All {put} {thing} put to a vote were carried ({see})."
        words = words if put.value > 1 else "The {put} {thing} put to a vote was carried ({see})."  # type: ignore[operator]
    elif won.value:
        words, slots["won"] = "Of {put} {thing} put to a vote, {won} were carried ({see}).", won
    else:
        words = "Not one of {put} {thing} put to a vote was carried ({see})."
    return page.say("answer_votes", words, **slots)


def _recommendations(page: Page) -> tuple[Figure, Figure] | None:
    """Recommendations recorded, and those with neither vote nor outcome."""
    rows = register(page, "recommendations")
    if rows.empty:
        return None
    parts = (("recommendations", rows), ("undecided", undecided(page)))
    every, left = (rows_figure(page, name, part, rows, "recommendations") for name, part in parts)
    return every, left


def _undecided_said(page: Page) -> Claim | None:
    counts = _recommendations(page)
    if counts is None or not counts[1].value:
        return None
    every, left = counts
    template = "For {left} of {every} {thing} no outcome is recorded ({see})."
    if every.value == left.value:
        template = "No outcome is recorded for any of {every} {thing} ({see})."
    see, thing = page.see("t", "recommendations"), noun(every, "recommendation")
    slots = {"every": every, "thing": thing, "see": see} | ({"left": left} if every.value != left.value else {})
    return page.say("answer_undecided", template, **slots)


def _risks_said(page: Page) -> Claim | None:
    counts = risk_counts(page)
    if counts is None:
        return None
    every, scored, rising = counts
    slots: dict = {"every": every, "risks": noun(every, "risk"), "are": "is" if every.value == 1 else "are"}
    template = "{every} {risks} {are} recorded"
    if rising.value:
        template, slots["rising"] = template + ", {rising} of them as rising", rising
    if scored.value:
        template, slots["scored"] = template + "; {scored} with likelihood and impact", scored
    else:
        template += "; none has a likelihood and an impact, so none is scored"
    return page.say("answer_risks", template + " ({see}).", **slots, see=page.see("t", "risks"))


def _actions_said(page: Page) -> Claim | None:
    counts = action_counts(page)
    if counts is None:
        return None
    every, left = counts
    slots: dict = {"every": every, "actions": noun(every, "action")}
    if not left.value:
        return page.say("answer_actions", "Not one of {every} {actions} was open when last recorded.", **slots)
    slots |= {"left": left, "were": "was" if left.value == 1 else "were", "see": page.see("t", "actions")}
    words = "{left} of {every} {actions} {were} still open when last recorded, {left.when} ({see})."
    return page.say("answer_actions", words, **slots)


def _survey_said(page: Page) -> Claim | None:
    found = [counts for survey in surveys_held(page) if (counts := response(page, survey)) is not None]
    if not found:
        return None
    base, asked, rate = found[-1]
    words = "{base} of {asked} {unit} answered the survey ({rate})."
    return page.say("answer_survey", words, base=base, asked=asked, unit=asked.unit, rate=rate)


def _missing_said(page: Page) -> Claim | None:
    """What is not held; the files that would bring it stand in the appendix."""
    held = {"votes": votes_held(page), "survey": surveys_held(page)}
    held |= {name: register(page, name).index.tolist() for name in ("recommendations", "risks", "actions")}
    lost = [name for name in FILES if not held[name]]
    if not lost:
        return None
    things, files = ([FILES[name][at] for name in lost] for at in (0, 1))
    page.missing.append(
        f"Of decisions, risks and consultation there is not held: {listed(things)}. The files {listed(files)} in the "
        "authority's folder of raw data would bring them; docs/governance.md says how they look."
    )
    words = "Not held: {things}. The last appendix names the files that would bring them."
    return page.say("missing", words, things=listed(things))


def key_figures(page: Page) -> Block | None:
    """Votes carried, risks, recommendations without an outcome, actions open, and who answered."""
    of_all, open_words = "Recommendations without a recorded outcome", "Of {every} recorded; as last told."
    keys = [
        *_part_key(page, "key_votes", "Recommendations carried", "Of {every} put to a vote.", vote_counts(page)),
        *_risk_key(page),
        *_part_key(page, "key_undecided", of_all, "Of {every} recorded.", _recommendations(page)),
        *_part_key(page, "key_actions", "Actions still open", open_words, action_counts(page)),
        *_survey_key(page),
    ]
    return page.key_figures(*keys[:4]) if keys else None


def _part_key(page: Page, id: str, label: str, words: str, counts: tuple[Figure, Figure] | None) -> list[KeyFigure]:
    """How many of all recorded are so. counts: all, and those; none where nothing is recorded."""
    if counts is None:
        return []
    return [KeyFigure(label, counts[1], "", [], page.say(id, words, every=counts[0]))]


def _risk_key(page: Page) -> list[KeyFigure]:
    counts = risk_counts(page)
    if counts is None:
        return []
    every, _, rising = counts
    told = register(page, "risks")["direction"].notna().any()
    words = "Described as rising: {rising}." if told else "Whether they rise or fall is not said."
    said = page.say("key_risks", words, **({"rising": rising} if told else {}))
    return [KeyFigure("Risks recorded", every, "", [], said)]


def _survey_key(page: Page) -> list[KeyFigure]:
    found = [counts for survey in surveys_held(page) if (counts := response(page, survey)) is not None]
    if not found:
        return []
    base, asked, rate = found[-1]
    said = page.say("key_survey", "{base} of {asked} {unit}.", base=base, asked=asked, unit=asked.unit)
    return [KeyFigure("Answered the survey", rate, "", [], said)]
