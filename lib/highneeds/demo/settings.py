"""Invented settings: schools and colleges with URNs that nobody has, their types, units and resourced provision."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

EARLY, PRIMARY, SECONDARY, POST_16 = range(4)
# Type in the register of schools; phases it takes; settings of an authority with 4,000 requests a year; share of
# placements in each phase (early years, primary, secondary, post-16); has a UKPRN.
_TYPES = (
    ("Community school", (EARLY, PRIMARY), 45, (30, 22, 0, 0), False),
    ("Academy converter", (EARLY, PRIMARY, SECONDARY), 40, (20, 18, 26, 6), False),
    ("Free schools", (PRIMARY, SECONDARY), 6, (0, 3, 5, 1), False),
    ("Local authority nursery school", (EARLY,), 3, (20, 0, 0, 0), False),
    ("Community special school", (EARLY, PRIMARY, SECONDARY, POST_16), 18, (22, 38, 38, 18), False),
    ("Academy special converter", (PRIMARY, SECONDARY, POST_16), 5, (0, 6, 7, 3), False),
    ("Other independent special school", (PRIMARY, SECONDARY, POST_16), 12, (0, 5, 13, 8), False),
    ("Non-maintained special school", (SECONDARY, POST_16), 2, (0, 0, 1, 1), False),
    ("Pupil referral unit", (SECONDARY,), 2, (0, 0, 0.5, 0), False),
    ("Further education", (POST_16,), 6, (0, 0, 0, 36), True),
    ("Special post 16 institution", (POST_16,), 5, (0, 0, 0, 16), True),
)
WITHOUT_SETTING = {"OLA": (2, 3, 5, 4), "EHE": (0, 2, 3, 0), "OPA": (1, 0.5, 0.5, 0), "EYP": (12, 0, 0, 0),
                   "NEET": (0, 0, 0, 7), "OTH": (0.5, 0.5, 0.5, 0.5)}  # fmt: skip
_UNIT_TYPES = ("Community school", "Academy converter")
FIRST_URN, FIRST_UKPRN = 990_001, 19_900_001


@dataclass(frozen=True)
class Settings:
    """Settings as frame (urn, ukprn, name, type, unit_places, resourced_places) and their shares by phase."""

    frame: pd.DataFrame
    shares: np.ndarray  # phase by place in the list: settings first, then the codes of WITHOUT_SETTING

    @property
    def codes(self) -> list[str]:
        """SEN setting codes that follow the settings in the list of shares."""
        return list(WITHOUT_SETTING)


def make_settings(scale: float, rng: np.random.Generator) -> Settings:
    """Settings of an authority; every type has at least one, and every fourth eligible school has a unit."""
    rows = [
        (kind, number, share, ukprn)
        for kind, _, count, share, ukprn in _TYPES
        for number in range(1, max(1, round(count * min(scale, 4))) + 1)
    ]
    kinds = [kind for kind, _, _, _ in rows]
    eligible = np.isin(kinds, _UNIT_TYPES)
    turn = np.cumsum(eligible) * eligible
    frame = pd.DataFrame(
        {
            "urn": np.arange(len(rows)) + FIRST_URN,
            "ukprn": np.where([row[3] for row in rows], np.arange(len(rows)) + FIRST_UKPRN, 0),
            "name": [f"Invented {kind} {number}" for kind, number, _, _ in rows],
            "type": kinds,
            "unit_places": np.where(turn % 4 == 1, 12 + 4 * rng.integers(0, 4, len(rows)), 0),
            "resourced_places": np.where(turn % 4 == 3, 8 + 4 * rng.integers(0, 3, len(rows)), 0),
        }
    )
    size = frame["type"].map(frame["type"].value_counts()).to_numpy()
    inside = np.array([row[2] for row in rows], dtype=float).T / size
    return Settings(frame, np.hstack([inside, np.array(list(WITHOUT_SETTING.values()), dtype=float).T]))


def register(settings: Settings) -> pd.DataFrame:
    """The settings as the register of schools prints them."""
    frame = settings.frame
    return pd.DataFrame(
        {
            "URN": frame["urn"],
            "EstablishmentName": frame["name"],
            "TypeOfEstablishment (name)": frame["type"],
            "EstablishmentStatus (name)": "Open",
            "SenUnitCapacity": frame["unit_places"].where(frame["unit_places"].gt(0)).astype("Int64"),
            "ResourcedProvisionCapacity": frame["resourced_places"]
            .where(frame["resourced_places"].gt(0))
            .astype("Int64"),
        }
    )
