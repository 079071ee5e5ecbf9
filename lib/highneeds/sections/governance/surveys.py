"""Surveys: who was asked, who answered, what they said, and how far that speaks for all who were asked."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from highneeds import periods
from highneeds.claims import Claim
from highneeds.figures import Figure, share, slug
from highneeds.models.governance.survey import LIKELY, NOT_CLEAR, OF_ALL, Share, rounded
from highneeds.sections.common import capital, printed_figure
from highneeds.sections.governance.figures import made
from highneeds.sections.page import Block, Page
from highneeds.sources.ballots import ANSWERS, ASKED, JOIN, PERCENT, TOTAL, Survey, surveys
from highneeds.tables import Cell, Column, Row

Key = tuple[str, str]


def surveys_held(page: Page) -> list[Survey]:
    """Surveys whose day had come by the page's day."""
    return [each for each in surveys(page.papers.tables) if date.fromisoformat(each.period) <= page.facts.as_at]


def figure_of(page: Page, survey: Survey, measure: str, key: Key | None = None) -> Figure:
    """One number of a survey as printed: of an answer, or of all."""
    found = printed_figure(page, survey.table, measure, survey.period, JOIN.join(key) if key else TOTAL)
    if found is None:
        raise AssertionError(f"{survey.table}: {measure} {key} is not one row")
    return found


def response(page: Page, survey: Survey) -> tuple[Figure, Figure, Figure] | None:
    """Answered, asked and the share that answered; None where nobody says how many were asked."""
    if survey.asked is None:
        return None
    base, asked = figure_of(page, survey, ANSWERS), figure_of(page, survey, ASKED)
    rate = share(base, asked, f"{survey.table}_response.{slug(base.area)}.{survey.period}", "survey_response_rate")
    return base, asked, rate


def results(page: Page) -> Block | None:
    """Each survey: its table, what most say, and percentages that were printed otherwise. None where none is held."""
    blocks = [_result(page, survey) for survey in surveys_held(page) if survey.answers]
    return Block("".join(block.markup for block in blocks)) if blocks else None


def _share(survey: Survey, key: Key) -> Share:
    asked = None if survey.asked is None else int(survey.asked["value"])
    return Share(int(survey.answers[key]["value"]), int(survey.base["value"]), asked)


def _inputs(page: Page, survey: Survey, key: Key) -> list[Figure]:
    held = [figure_of(page, survey, ANSWERS, key), figure_of(page, survey, ANSWERS)]
    return held if survey.asked is None else [*held, figure_of(page, survey, ASKED)]


def _pct(
    page: Page, survey: Survey, key: Key, name: str, value: float | None, how: str, *, of: Sequence[int] = (0, 1)
) -> Figure:
    """A percentage; of: which of the answer's count, the base and the number asked it is computed from."""
    tail, inputs = slug(" ".join(key)).replace("-", "_"), _inputs(page, survey, key)
    used = [inputs[at] for at in of]
    return made(f"{survey.table}_{name}_{tail}", lambda *_: value, how, used, unit="%", places=1)


def _shares(page: Page, survey: Survey, key: Key) -> list[Figure]:
    """Share of those who answered, ends of its interval, and the least and most of all asked where that is known."""
    part, wilson = _share(survey, key), "Wilson's interval at 95% for {0} of {1}"
    low, high = part.interval or (None, None)
    among, ends = ("", (0, 1)) if survey.asked is None else (", all asked being {2}", (0, 1, 2))
    made_of = [
        _pct(page, survey, key, "share", part.pct, "100 * {0} / {1}"),
        _pct(page, survey, key, "low", low, f"{wilson}{among}: lower end", of=ends),
        _pct(page, survey, key, "high", high, f"{wilson}{among}: upper end", of=ends),
    ]
    if survey.asked is not None:
        least, most = part.of_all or (None, None)
        made_of.append(_pct(page, survey, key, "least", least, "100 * {0} / {1}", of=(0, 2)))
        made_of.append(_pct(page, survey, key, "most", most, "100 * ({0} + {2} - {1}) / {2}", of=(0, 1, 2)))
    return made_of


def _result(page: Page, survey: Survey) -> Block:
    said = [_most_said(page, survey, question) for question in dict.fromkeys(q for q, _ in survey.answers)]
    said += [_printed_said(page, survey, question) for question in dict.fromkeys(q for q, _ in survey.answers)]
    ranged, printed = survey.asked is not None, bool(survey.printed)
    columns = [
        Column(capital(str(survey.base["unit"]))), Column("Share (%)"),
        Column("Interval from"), Column("Interval to"),
        *([Column("Least of all"), Column("Most of all")] if ranged else []),
        *([Column("Printed (%)")] if printed else []),
    ]  # fmt: skip
    day = periods.day_in_words(date.fromisoformat(survey.period))
    table = page.table(
        survey.table.replace("_", "-") + f"-{survey.period}",
        f"Survey, {page.facts.authority.name}, {day}: answers with their base and how sure they are",
        row_head="Question and answer",
        columns=columns,
        rows=[Row(": ".join(key), _cells(page, survey, key)) for key in survey.answers],
        note=_note(survey),
    )
    return Block(page.paragraphs("Who was asked", *said).markup + table.markup)


def _cells(page: Page, survey: Survey, key: Key) -> list[Cell]:
    cells: list[Cell] = [figure_of(page, survey, ANSWERS, key), *_shares(page, survey, key)]
    if survey.printed:
        cells.append(figure_of(page, survey, PERCENT, key) if key in survey.printed else "not printed")
    return cells


def _note(survey: Survey) -> str:
    words = "Share: of those who answered. Interval: at 95%, as if those who answered were a chance sample"
    if survey.asked is None:
        return f"{words}; how many were asked is not known."
    return (
        f"{words} of those asked. Least and most: of all asked, if none, or all, of those who did not answer had said "
        "so; this supposes nothing."
    )


def _most_said(page: Page, survey: Survey, question: str) -> Claim:
    """The answer given most to a question, and whether it is that of a majority."""
    key = max((key for key in survey.answers if key[0] == question), key=lambda key: survey.answers[key]["value"])
    figures, part = _shares(page, survey, key), _share(survey, key)
    slots: dict = {
        "n": figure_of(page, survey, ANSWERS, key), "base": figure_of(page, survey, ANSWERS), "question": question,
        "answer": key[1],
    }  # fmt: skip
    template = "{question}: {n} of {base} who answered {answer}"
    if part.majority in (OF_ALL, LIKELY, NOT_CLEAR):
        template, slots["pct"] = template + " ({pct})", figures[0]
    if part.majority == OF_ALL:
        template += ". That is at least {least} of all asked: a majority whatever the others think."
        slots["least"] = figures[3]
    elif part.majority == LIKELY:
        template, slots["low"] = template + ". The interval begins at {low}: a majority of all is likely.", figures[1]
    elif part.majority == NOT_CLEAR:
        template += ". Whether most of all think so cannot be told."
    else:
        template += ": too few for a share."
    return page.say(f"most_{_tail(survey, question)}", template, **slots)


def _tail(survey: Survey, question: str) -> str:
    return slug(f"{question} {survey.period}").replace("-", "_")


def _printed_said(page: Page, survey: Survey, question: str) -> Claim | None:
    """Printed percentages that the counts do not give (F1)."""
    keys = [key for key in survey.answers if key[0] == question and key in survey.printed]
    shares = {key: _share(survey, key).pct for key in keys}
    wrong = [key for key in keys if shares[key] is not None and rounded(shares[key]) != survey.printed[key]["value"]]
    if not wrong:
        return None
    parts, slots = [], {}
    for at, key in enumerate(wrong):
        right = _pct(page, survey, key, "rounded", rounded(shares[key]), "100 * {0} / {1}, to the nearest whole")
        slots |= {f"n{at}": figure_of(page, survey, ANSWERS, key), f"pct{at}": _shares(page, survey, key)[0]}
        slots |= {f"right{at}": replace(right, places=0), f"printed{at}": figure_of(page, survey, PERCENT, key)}
        slots |= {f"answer{at}": key[1], "base": figure_of(page, survey, ANSWERS)}
        parts.append(
            f"{{n{at}}} of {{base}} ({{answer{at}}}) is {{pct{at}}}, which rounds to {{right{at}}}; "
            f"printed is {{printed{at}}}"
        )
    template = "; ".join(parts) + "."
    if sum(int(survey.answers[key]["value"]) for key in keys) == int(survey.base["value"]):
        template += " The printed ones of this question add up to {sum}, the counts to all {base}."
        slots["sum"] = _sum(page, survey, keys, question)
    return page.say(f"printed_{_tail(survey, question)}", template, **slots)


def _sum(page: Page, survey: Survey, keys: list[Key], question: str) -> Figure:
    printed = [figure_of(page, survey, PERCENT, key) for key in keys]
    name = f"{survey.table}_printed_sum_{slug(question).replace('-', '_')}"
    return made(name, lambda *each: sum(each), "+", printed)
