"""Finished sections on disk, so that a run that was stopped goes on where it was.

Each lies in a folder of its own, whole or not at all, under the checksum of all it follows from. What a search for
children refuses is thrown away with everything else of its report.
"""

import json
import shutil
from pathlib import Path

from highneeds.files import clear_killed, whole_folder
from highneeds.report.notebooks import FILES, Run

KEY, RESULTS = "key", "results.json"
DAY = len("2025-03-31")


class Store:
    """Finished sections of one report. Only one process at a time uses it: the one that holds the report's lock."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def get(self, slug: str, key: str) -> Run | None:
        """A section that follows from the same; None where there is none, or where it is damaged."""
        place = self.folder / slug
        try:
            if (place / KEY).read_text(encoding="ascii") != key:
                return None
            results = json.loads((place / RESULTS).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return None
        executed = place / FILES[slug]
        return Run(slug, executed, results) if executed.is_file() else None

    def put(self, run: Run, key: str) -> Run:
        """Keep a finished section; the same, from its new place."""
        place = self.folder / run.slug
        clear_killed(place)
        with whole_folder(place) as filling:
            shutil.copyfile(run.executed, filling / FILES[run.slug])
            (filling / RESULTS).write_text(json.dumps(run.results, ensure_ascii=False), encoding="utf-8")
            (filling / KEY).write_text(key, encoding="ascii")
        return Run(run.slug, place / FILES[run.slug], run.results)

    def clear(self) -> None:
        """Throw all of it away."""
        shutil.rmtree(self.folder, ignore_errors=True)

    def clear_others(self) -> None:
        """Throw away what is kept for other days of the same reports: each month would leave its own."""
        day = self.folder.name[:DAY]  # other forms of the same day keep theirs
        for folder in self.folder.parent.iterdir() if self.folder.parent.is_dir() else ():
            if folder.name[:DAY] != day:
                shutil.rmtree(folder, ignore_errors=True)
