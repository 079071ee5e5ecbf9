"""What happens during a run, one JSON object a line, for a machine to read: no content of any input."""

import contextlib
import json
import time
from pathlib import Path
from threading import Lock

LOG = "events.jsonl"


class EventLog:
    """Log of one run; every line says how many seconds into the run it was written."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self._file = (folder / LOG).open("w", encoding="utf-8", newline="\n", buffering=1)
        self._start, self._guard = time.monotonic(), Lock()

    def write(self, event: dict) -> None:
        """Add one event."""
        with self._guard:
            line = {"seconds": round(time.monotonic() - self._start, 2)} | event
            with contextlib.suppress(OSError):  # a full disk costs lines of the log, never the report they tell of
                self._file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def close(self) -> None:
        """Close the log."""
        with contextlib.suppress(OSError):
            self._file.close()
