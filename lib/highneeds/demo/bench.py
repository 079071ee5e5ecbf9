"""Where faults are made: a world as copies, draws that never hit one child twice, rows found by what they are."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from highneeds import fields
from highneeds.demo.world import Spoiled, World
from highneeds.errors import ParamsError

ROWS = 5  # rows that a fault changes, where it does not need more


class Bench:
    """A world while faults are put in: `modules` are copies that may be changed; `finish` gives the new world."""

    def __init__(self, world: World, seed: int) -> None:
        self.world = world
        self.modules = {module: frame.copy(deep=False) for module, frame in world.modules.items()}
        self.rng = np.random.default_rng(seed)
        self.day = pd.Timestamp(world.as_at)
        self.spoiled: list[Spoiled] = []
        self.dropped: set[tuple[str, str]] = set()
        self.tables: dict[str, pd.DataFrame] = {}
        self._used: np.ndarray = np.empty(0, dtype=np.int64)

    def __getitem__(self, module: str) -> pd.DataFrame:
        """Frame of a module as it stands."""
        return self.modules[module]

    def people(self, module: str) -> np.ndarray:
        """Person of each record of a module, -1 where it has none."""
        frame = self.modules[module]
        if "person_id" in frame:
            return frame["person_id"].to_numpy()
        requests = self.modules[fields.REQUESTS].drop_duplicates("request_id").set_index("request_id")
        return frame["request_id"].map(requests["person_id"]).fillna(-1).to_numpy(dtype=np.int64)

    def pick(self, rule: str, module: str, mask: pd.Series, count: int = ROWS) -> np.ndarray:
        """Positions of up to `count` rows that fit, of children that no fault has touched yet.

        Raises ParamsError where no row fits.
        """
        person = self.people(module)
        places = self.rng.permutation(self.untouched(module, mask))
        places = places[np.unique(person[places], return_index=True)[1]]
        places = np.sort(self.rng.permutation(places)[:count])
        if not len(places):
            raise ParamsError(f"{rule}: no case in a world of this size and day fits. Ask for more requests a year.")
        self._used = np.concatenate([self._used, person[places]])
        return places

    def untouched(self, module: str, mask: pd.Series) -> np.ndarray:
        """Positions of rows that fit, of children that no fault has picked."""
        fits = mask.fillna(False).to_numpy(dtype=bool)
        return np.flatnonzero(fits & ~np.isin(self.people(module), self._used))

    def change(self, module: str, name: str, places: np.ndarray, values) -> int:
        """Put values into cells (missing where None); gives how many."""
        column = self.modules[module][name].copy()
        column.iloc[places] = values
        self.modules[module] = self.modules[module].assign(**{name: column})
        return len(places)

    def spoil(self, module: str, name: str, places: np.ndarray, text: str) -> int:
        """Let files show a text in cells; gives how many."""
        self.spoiled.append(Spoiled(module, name, tuple(int(place) for place in places), (text,) * len(places)))
        return len(places)

    def drop_requests(self, ids: np.ndarray, modules: tuple[str, ...] = fields.MODULES[1:]) -> int:
        """Take requests and what hangs under them out of modules; gives how many requests."""
        for module in modules:
            frame = self.modules[module]
            self.modules[module] = frame[~frame["request_id"].isin(ids)].reset_index(drop=True)
        return len(ids)

    def of_request(self, module: str, names: str | list[str], among: str) -> pd.DataFrame | pd.Series:
        """Columns of a module looked up for each record of another, by request id."""
        known = self.modules[among].drop_duplicates("request_id").set_index("request_id")[names]
        return known.reindex(self.modules[module]["request_id"]).reset_index(drop=True)

    def births(self, module: str) -> pd.Series:
        """Birth date of each record's person."""
        persons = self.modules[fields.PERSON].drop_duplicates("person_id").set_index("person_id")["birth_date"]
        return persons.reindex(self.people(module)).reset_index(drop=True)

    def in_force(self, module: str) -> pd.Series:
        """True for records whose plan is in force on the day of the extract."""
        named = self.of_request(module, ["start_date", "cease_date"], fields.NAMED_PLAN)
        return named["start_date"].le(self.day) & ~named["cease_date"].le(self.day)

    def older_than(self, module: str, years: int) -> pd.Series:
        """True for records of young people that are older than so many years on the day of the extract."""
        return self.births(module).lt(self.day - pd.DateOffset(years=years))

    def finish(self, counts: Mapping[str, int]) -> World:
        """The world with its faults."""
        return replace(
            self.world,
            modules=self.modules,
            spoiled=(*self.world.spoiled, *self.spoiled),
            dropped=self.world.dropped | self.dropped,
            faults={**self.world.faults, **counts},
            **self.tables,
        )
