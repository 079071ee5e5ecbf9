"""Readers of DfE's "Special educational needs in England": pupils by SEN provision, all schools."""

import pandas as pd

from highneeds import terms
from highneeds.errors import SourceError
from highneeds.periods import JANUARY
from highneeds.sources.rows import COLUMNS, Layout, melt, place, single_filters

_WIDE = {
    "sen_support": ("sen_support_pupils", "Total"),
    "ehc_plan": ("school_ehc_pupils", "Total"),
    "number_of_pupils": ("pupils", "Total"),
    "total_pupils": ("pupils", "Total"),
    "pupil_count": ("pupils", "Total"),
    "sen_support_percent": ("sen_support_pupils_pct", "Total"),
    "ehc_plan_percent": ("school_ehc_pupils_pct", "Total"),
}
_PROVISION = {
    "sen support": ("sen_support_pupils", "sen_support_pupils_pct"),
    "sen support / sen without an ehc plan": ("sen_support_pupils", "sen_support_pupils_pct"),
    "ehc plan": ("school_ehc_pupils", "school_ehc_pupils_pct"),
    "ehc plans": ("school_ehc_pupils", "school_ehc_pupils_pct"),
    "education, health and care plan": ("school_ehc_pupils", "school_ehc_pupils_pct"),
    "education, health and care plans": ("school_ehc_pupils", "school_ehc_pupils_pct"),
    "total": ("pupils", ""),
}
# The interactive tool's own codes for England and the regions.
_TOOL_AREAS = {
    "970": terms.ENGLAND,
    "980": "E12000001",
    "981": "E12000002",
    "982": "E12000003",
    "983": "E12000004",
    "984": "E12000005",
    "985": "E12000006",
    "986": "E12000007",
    "989": "E12000008",
    "990": "E12000009",
}
_TOOL_MEASURES = {"SEN_TotSENSuP": "sen_support_pupils_pct", "SEN_TotStat": "school_ehc_pupils_pct"}


def _every_school(frame: pd.DataFrame, keep: tuple[str, ...]) -> pd.DataFrame:
    for column in ("phase_type_grouping", "type_of_establishment", "establishment_type", "hospital_school"):
        if column in frame and column not in keep:
            frame = frame[frame[column].str.strip().str.lower().eq("total")]
    return frame


def _wide(frame: pd.DataFrame) -> pd.DataFrame:
    return melt(_every_school(place(frame), ()), _WIDE, JANUARY)


def _long(frame: pd.DataFrame) -> pd.DataFrame:
    frame = _every_school(place(frame), ())
    frame = single_filters(
        frame,
        [
            "sen_provision",
            "pupil_count",
            "pupil_percent",
            "phase_type_grouping",
            "establishment_type",
            "hospital_school",
        ],
    )
    provision = frame["sen_provision"].str.strip().str.lower()
    parts = []
    for label, (count, share) in _PROVISION.items():
        chosen = frame[provision.eq(label)]
        if len(chosen):
            cells = {"pupil_count": (count, "Total")} | ({"pupil_percent": (share, "Total")} if share else {})
            parts.append(melt(chosen, cells, JANUARY))
    found = {part["measure"].iloc[0] for part in parts}
    lost = sorted({count for count, _ in _PROVISION.values()} - found)
    if lost:
        raise SourceError(
            f"column sen_provision: no row of all schools is for {', '.join(lost)}. Found "
            f"{', '.join(sorted(provision.unique())) or 'no row of all schools'}. Expected one of "
            f"{', '.join(label for label, (count, _) in _PROVISION.items() if count in lost)}. Report it to DfE."
        )
    return pd.concat(parts, ignore_index=True)


def _tool(frame: pd.DataFrame) -> pd.DataFrame:
    """Percentages since 2016 from DfE's local authority interactive tool, one decimal."""
    frame = frame[frame["measure"].isin(_TOOL_MEASURES) & ~frame["la_number"].isin(["987", "988"])]
    code = frame["la_number"].map(_TOOL_AREAS).fillna("")
    rows = frame.assign(
        level="local authority",
        area_code=code,
        la_code=frame["la_number"].where(code.eq(""), ""),
        area_name=frame["la_name"],
        period=frame["january_year"],
        period_basis=JANUARY,
        measure=frame["measure"].map(_TOOL_MEASURES),
        breakdown="Total",
        column="Values",
        # A blank in the tool's file is a figure it does not have.
        text=frame["values"].str.strip().replace("", "x"),
    )
    rows.loc[code.eq(terms.ENGLAND), "level"] = "national"
    rows.loc[code.str.startswith("E12"), "level"] = "regional"
    return rows[COLUMNS]


def _estimates(frame: pd.DataFrame) -> pd.DataFrame:
    """Counts worked out from published percentages; the statuses say so (see clean)."""
    region = {name: code for code, name in terms.REGIONS.items()}
    level = frame["geographic_level"].str.lower()
    frame = frame.assign(
        time_period=frame["academic_year"],
        level=level,
        la_code="",
        area_name=frame["la_name"],
        area_code=frame["new_la_code"].where(level.eq("local authority"), frame["region_name"].map(region)),
    )
    frame["area_code"] = frame["area_code"].where(level.ne("national"), terms.ENGLAND)
    cells = {
        "sen_support_est": ("sen_support_pupils", "Total"),
        "ehc_plan_est": ("school_ehc_pupils", "Total"),
        "total_pupils_est": ("pupils", "Total"),
    }
    return melt(frame, cells, JANUARY).assign(text=lambda rows: rows["text"] + " e")


LAYOUTS = (
    Layout("SEN provision", frozenset({"phase_type_grouping", "sen_support_percent", "ehc_plan_percent"}), _wide),
    Layout(
        "SEN provision, long",
        frozenset({"phase_type_grouping", "sen_provision", "pupil_count", "pupil_percent", "hospital_school"}),
        _long,
    ),
    Layout(
        "SEN percentages of the interactive tool", frozenset({"measure", "january_year", "la_number", "values"}), _tool
    ),
    Layout("SEN counts estimated", frozenset({"sen_support_est", "ehc_plan_est", "academic_year"}), _estimates),
)
