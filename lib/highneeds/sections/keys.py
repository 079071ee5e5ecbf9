"""Key figures: large numbers at the top of a section, and on the report's first page."""

import html
from collections.abc import Sequence
from dataclasses import dataclass

from highneeds.claims import Claim
from highneeds.figures import Figure


@dataclass(frozen=True)
class KeyFigure:
    """One large number: its label, the word for its direction, comparisons and one plain sentence.

    since: the earlier figure that the direction's words end with.
    """

    label: str
    figure: Figure
    direction: str
    beside: Sequence[Figure]
    sentence: Claim
    since: Figure | None = None


def keys_html(keys: Sequence[KeyFigure]) -> str:
    """Key figures as a list: large number, unit and date in small text, direction as a word."""
    return f'<ul class="keys">{"".join(map(_item, keys))}</ul>'


def _item(key: KeyFigure) -> str:
    beside = "".join(f"<li>{html.escape(figure.area)}: {_marked(figure)}</li>" for figure in key.beside)
    against = f'<ul class="beside">{beside}</ul>' if beside else ""
    way = f' <span class="way">{_direction(key)}</span>' if key.direction else ""
    return (
        f'<li class="key"><p class="label">{html.escape(key.label)}</p>'
        f'<p class="value">{_marked(key.figure)}{way}</p>'
        f'<p class="when">{html.escape(key.figure.when)}</p><p class="says">{key.sentence.html}</p>{against}</li>'
    )


def _direction(key: KeyFigure) -> str:
    since = key.since
    if since is None or not key.direction.endswith(f" {since.text}"):
        return html.escape(key.direction)
    return html.escape(key.direction.removesuffix(since.text)) + _marked(since)


def _marked(figure: Figure) -> str:
    return f'<span data-figure="{html.escape(figure.id)}">{html.escape(figure.text)}</span>'
