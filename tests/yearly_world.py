"""Invented panels of yearly figures: as many authorities as asked for, growth and flows by a known law."""

import numpy as np
import pandas as pd

from highneeds import terms

AREA_COLUMNS = ["area_code", "la_code", "area_name", "level", "region_code", "opened", "closed", "other_codes"]
REGION = "E12000001"


def code(at: int) -> str:
    """Area code of an invented authority."""
    return f"E06{at:06d}"


def areas(count: int) -> pd.DataFrame:
    """England, one region and so many authorities that never changed."""
    rows = [[terms.ENGLAND, "", "England", "national", "", "", "", ""], [REGION, "", "North", "regional"] + [""] * 4]
    rows += [
        [code(at), f"{at:03d}", f"Authority {at}", "local authority", REGION, "1990-04-01", "", ""]
        for at in range(1, count + 1)
    ]
    return pd.DataFrame(rows, columns=AREA_COLUMNS)


def rows(area_code: str, measure: str, first: int, figures, *, breakdown: str = "Total") -> list[dict]:
    """Rows of the panel for one series that starts in a year; None is an `x`."""
    basis = (
        "January" if measure in ("ehc_plans", "sen_support_pupils_pct", "school_ehc_pupils_pct") else "calendar year"
    )
    return [
        {
            "area_code": area_code,
            "period": str(first + at),
            "period_basis": basis,
            "measure": measure,
            "breakdown": breakdown,
            "value": np.nan if figure is None else float(figure),
            "status": "x" if figure is None else "",
            "source": "invented",
            "reference": "",
        }
        for at, figure in enumerate(figures)
    ]


def values(count: int, *, first: int = 2010, last: int = 2025, flows_from: int = 2014, seed: int = 1) -> pd.DataFrame:
    """Plans with bands by January, requests and new plans by calendar year, and SEN Support, of so many authorities.

    Plans grow by 8% a year give or take 3; a sixth of them is new, requests are a half more; 12% have SEN Support.
    """
    rng = np.random.default_rng(seed)
    years, made = last - first + 1, []
    shares = {"Under 5": 0.05, "Age 5 to 10": 0.35, "Age 11 to 15": 0.35, "Age 16 to 19": 0.2, "Age 20 to 25": 0.05}
    for at in range(1, count + 1):
        growth = rng.normal(0.08, 0.03, years - 1)
        plans = (rng.uniform(300, 3_000) * np.exp(np.cumsum([0, *growth]))).round()
        made += rows(code(at), "ehc_plans", first, plans)
        for band, share in shares.items():
            made += rows(code(at), "ehc_plans", first, plans * share, breakdown=band)
        new = (plans[flows_from - first : -1] * rng.normal(0.17, 0.01, last - flows_from)).round()
        made += rows(code(at), "new_ehc_plans", flows_from, new)
        asked = (1.5 * new * rng.normal(1, 0.08, len(new))).round()
        made += rows(code(at), "requests_received", flows_from, asked)
        made += rows(code(at), "sen_support_pupils_pct", first, (12 + np.cumsum(rng.normal(0.2, 0.1, years))).round(1))
    made += rows(terms.ENGLAND, "sen_support_pupils_pct", first, 12 + 0.2 * np.arange(years))
    return pd.DataFrame(made)
