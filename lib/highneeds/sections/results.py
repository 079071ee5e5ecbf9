"""A finished section as plain data: headline, key figures, claims, and every figure with its source or formula."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from highneeds import params
from highneeds.claims import Claim
from highneeds.figures import Figure, fraction_of, label_of
from highneeds.measures.declarations import OWN
from highneeds.sections.keys import KeyFigure, keys_html

if TYPE_CHECKING:
    from highneeds.sections.page import Page


def results_of(page: Page) -> dict:
    """What a report takes from a section."""
    return {
        "slug": page.slug,
        "title": page.title,
        "question": page.question,
        "number": page.number,
        "appendix": page.slug in params.APPENDICES,
        "answers": _said(page.answers),
        "claims": _said(page.claims),
        "changed": _said(page.changed),
        "unknown": _said(page.unknown),
        "missing": page.missing,
        "key_figures": keys_html(page.keys) if page.keys else "",
        "key_list": [_key(page, key) for key in page.keys],
        "sheets": list(page.sheets.values()),
        "figures": [_figure(page, figure) for figure in sorted(page.figures.values(), key=lambda f: f.id)],
    }


def _said(claims: Iterable[Claim]) -> list[dict]:
    return [{"id": c.id, "text": c.text, "html": c.html, "figures": [f.id for f in c.figures]} for c in claims]


def _key(page: Page, key: KeyFigure) -> dict:
    return {
        "section": page.slug,
        "label": key.label,
        "value": key.figure.text,
        "id": key.figure.id,
        "direction": key.direction,
        "when": key.figure.when,
    }


def _figure(page: Page, figure: Figure) -> dict:
    parts = fraction_of(figure)
    return {
        "id": figure.id,
        "section": page.slug,
        "measure": figure.measure,
        "label": label_of(figure.measure),
        "area": figure.area,
        "area_code": figure.area_code,
        "breakdown": figure.breakdown,
        "period": figure.period,
        "period_basis": figure.period_basis,
        "value": figure.value,
        "printed": figure.text,
        "status": figure.status,
        "unit": figure.unit,
        "source": OWN if figure.source == OWN else page.title_of(figure.source),
        "source_id": figure.source,
        "reference": figure.reference,
        "numerator": parts.above_value if parts else None,
        "numerator_of": parts.above if parts else "",
        "denominator": parts.below_value if parts else None,
        "denominator_of": parts.below if parts else "",
        "rests_on": "; ".join(dict.fromkeys(part.id for part in figure.inputs)),
        "shown": "yes" if figure.id in page.shown else "",
    }
