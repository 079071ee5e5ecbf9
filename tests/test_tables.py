"""Tables are read by screen readers: caption, scoped heads, no empty heads, symbols in words."""

from pathlib import Path

import pytest

from highneeds.tables import Column, Row, cell_text, symbols_html, table_html
from tests.test_figures import figure

GOLDEN = Path(__file__).parent / "golden"


def test_a_table_is_as_agreed():
    """Any change of a table's markup is reviewed as content."""
    actual = table_html(
        caption="Plans & requests <2024>",
        number="1.1",
        row_head="Year",
        columns=[Column("Requests"), Column("Share (%)"), Column("Note", words=True)],
        rows=[
            Row("2023", [figure(3988), figure(18.04, unit="%", places=1, id="b"), "as printed"]),
            Row(
                "Total", [figure(None, status="x", id="c"), figure(12, status="e", id="d"), ""], rule=True, strong=True
            ),
        ],
        label_id="t-1",
    )

    assert (GOLDEN / "table.html").read_text(encoding="utf-8") == actual + "\n"


@pytest.mark.parametrize(
    ("value", "status", "expected"),
    [(18.04, "", "18.0"), (None, "x", "[x]"), (12.0, "e", "12.0 [e]"), (12.0, "p", "12.0"), (0.0, "", "0.0")],
)
def test_cells_print_value_or_symbol(value, status, expected):
    """The unit stands in the head; part months are told in words beside the month; zero stays zero."""
    assert expected == cell_text(figure(value, status=status, unit="%", places=1))


def test_symbols_are_explained_once_each_and_only_when_used():
    """A reader should not have to look a letter up."""
    actual = symbols_html([figure(None, status="x"), figure(None, status="x"), figure(1)])

    assert 1 == actual.count("[x]")
    assert "" == symbols_html([figure(1)])
