"""The disclosure policy: which counts may be printed, in numbers and in one sentence under a table.

Owns the thresholds and which dimensions make them stricter. What is done with them belongs to
`suppress`, `rounding`, `shares` and `register`.
"""

import difflib
from collections.abc import Collection, Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from highneeds.errors import ParamsError

SUPPRESS, ROUND, NONE = "suppress", "round", "none"
AUTHORITY, AREA, SCHOOL = "authority", "area", "school"
HIDDEN, LOW, FEW, NOT_APPLICABLE = "c", "low", "u", "z"  # statuses this room sets, printed in square brackets


class Policy(BaseModel):
    """Thresholds of one policy. The defaults are the suite's own: no single national rule for authorities was found.

    Source: DfE prints exact counts for whole authorities; a count within one is recognisable to local readers.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    name: str = Field(default="standard", min_length=1, description="a name, printed under each table")
    method: Literal["suppress", "round", "none"] = Field(default=SUPPRESS, description="suppress, round or none")
    threshold: int = Field(default=5, ge=2, le=100, description="smallest count above 0 that is shown, 2 to 100")
    school_threshold: int = Field(
        default=10, ge=2, le=100, description="the same for one school, or two attributes crossed"
    )
    rounding_base: int = Field(default=5, ge=2, le=100, description="counts are rounded to a multiple of it, 2 to 100")
    minimum_denominator: int = Field(default=10, ge=1, le=100, description="fewest cases under a percentage, 1 to 100")
    reliable_from: int = Field(
        default=30, ge=1, le=1000, description="fewest cases under a percentage that is not flagged"
    )
    minimum_cases: int = Field(default=10, ge=1, le=100, description="fewest cases behind a mean or median, 1 to 100")
    unit_cost_minimum: int = Field(
        default=5, ge=1, le=100, description="fewest placements behind a unit cost, 1 to 100"
    )
    area_dimensions: frozenset[str] = Field(
        default=frozenset({"area", "district", "ward", "town"}), description="columns that divide the authority"
    )
    school_dimensions: frozenset[str] = Field(
        default=frozenset({"school", "setting", "urn", "ukprn"}), description="columns that name one school or setting"
    )
    attributes: frozenset[str] = Field(
        default=frozenset(
            {"need", "primary_need", "sex", "age", "age_band", "ethnicity", "disability", "sen_type", "ncy"}
        ),
        description="columns that describe a person",
    )
    revision_levels: frozenset[Literal["authority", "area", "school"]] = Field(
        default=frozenset({"area", "school"}),  # type: ignore[arg-type]
        description="levels at which a small change of a released count is blocked: authority, area, school",
    )

    @model_validator(mode="after")
    def _in_order(self) -> "Policy":
        if self.school_threshold < self.threshold:
            raise ValueError("school_threshold is below threshold; make it at least as high")
        if self.reliable_from < self.minimum_denominator:
            raise ValueError("reliable_from is below minimum_denominator; make it at least as high")
        return self

    def level(self, dimensions: Iterable[str]) -> str:
        """Level of a count that is broken down by these dimensions: authority, area or school."""
        named = set(dimensions)
        return SCHOOL if named & self.school_dimensions else AREA if named & self.area_dimensions else AUTHORITY

    def threshold_for(self, dimensions: Collection[str]) -> int:
        """Smallest count above 0 that is shown where a count is broken down by these dimensions."""
        strict = self.level(dimensions) == SCHOOL or len(set(dimensions) & self.attributes) >= 2
        return self.school_threshold if strict else self.threshold

    @property
    def says(self) -> str:
        """Plain sentence for under a table at the ordinary threshold."""
        return self.says_for(())

    def says_for(self, dimensions: Collection[str]) -> str:
        """Plain sentence for under a table that is broken down by these dimensions, with the policy's name."""
        if self.method == NONE:
            text = "Counts are exact; none is hidden or rounded."
        elif self.method == ROUND:
            text = (
                f"Counts are rounded to the nearest {self.rounding_base}, totals on their own, so parts may not add to "
                f"their total; [{LOW}] is a count that rounds to 0."
            )
        else:
            top = self.threshold_for(dimensions) - 1
            small = "Counts of 1 are" if top == 1 else f"Counts of 1 to {top} are"
            text = f"{small} not shown [{HIDDEN}], and others are hidden so that they cannot be worked out."
        return f"{text} Disclosure policy: {self.name}."


def make_policy(given: Mapping[str, object] | None = None) -> Policy:
    """Policy from a small mapping (a file's content, parsed by the caller). Raises ParamsError, a line a fault."""
    try:
        return Policy.model_validate(dict(given or {}))
    except ValidationError as found:
        raise ParamsError([_instruction(error) for error in found.errors()]) from None


def _instruction(error: Mapping) -> str:
    name = str(error["loc"][0]) if error["loc"] else ""
    if error["type"] == "extra_forbidden":
        near = difflib.get_close_matches(name, Policy.model_fields, n=1)
        hint = f" Did you mean '{near[0]}'?" if near else ""
        return (
            f"disclosure policy: found '{name}'. Expected one of {', '.join(Policy.model_fields)}. "
            f"Correct the name or take the line out.{hint}"
        )
    if not name:
        return f"disclosure policy: {str(error['msg']).removeprefix('Value error, ')}."
    return (
        f"disclosure policy, '{name}': found '{error.get('input')}'. "
        f"Expected: {Policy.model_fields[name].description}. Correct the value or take the line out."
    )
