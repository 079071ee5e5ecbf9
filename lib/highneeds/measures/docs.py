"""The page of measures, docs/measures.md, written from the declarations and nothing else."""

from highneeds.measures.declarations import MEASURES, OWN, Measure
from highneeds.measures.ratios import MIN_CASES


def measures_page() -> str:
    """Markdown with one entry a measure. `highneeds measures > docs/measures.md` writes it."""
    counts = [measure for measure in MEASURES.values() if not measure.is_ratio]
    ratios = [measure for measure in MEASURES.values() if measure.is_ratio]
    return "\n".join(
        [
            "# Measures",
            "",
            "Every measure of the suite, written by `highneeds measures` from its declaration.",
            "Shares run from 0 to 100.",
            f"A share is not shown on fewer than {MIN_CASES} cases below the line,",
            f"a rate per 1,000 residents not on fewer than {MIN_CASES} above it.",
            "",
            "## Counts, and shares as published",
            "",
            *(_entry(measure) for measure in counts),
            "## Computed",
            "",
            *(_entry(measure) for measure in ratios),
        ]
    )


def _entry(measure: Measure) -> str:
    lines = [
        f"### `{measure.name}`",
        "",
        f"**{measure.label}** ({measure.unit}, {measure.period_basis}). {measure.definition}",
        "",
    ]
    if measure.is_ratio:
        lines += [f"Formula: {_formula(measure)}", ""]
    if measure.theme:
        lines += [_compared(measure), ""]
    if measure.source != OWN:
        lines += [f"Source: {measure.source}.", ""]
    if measure.breaks:
        lines += [f"Breaks in the series: {'; '.join(measure.breaks)}.", ""]
    return "\n".join(lines)


def _compared(measure: Measure) -> str:
    """How authorities are compared by it: the theme, and which end is the worse."""
    worse = f"{measure.worse} is worse" if measure.worse else "neither end is good in itself"
    return f"Authorities are compared by it ({measure.theme[0].lower()}{measure.theme[1:]}); {worse}."


def _formula(measure: Measure) -> str:
    above, below = (" + ".join(f"`{name}`" for name in names) for names in (measure.numerator, measure.denominator))
    fraction = f"({above}) / ({below})"
    return f"{measure.scale:g} × (1 − {fraction})" if measure.complement else f"{measure.scale:g} × {fraction}"
