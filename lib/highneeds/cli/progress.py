"""What an operator sees of a run: a bar on a terminal, counted lines elsewhere; a line for each fault in both."""

import sys
import time
from collections.abc import Callable

import click

WINDOW = 20  # reports that the time left is judged by, once so many are done


class Progress:
    """Counts reports as they come out. Faults go to standard error, all else to standard output."""

    def __init__(
        self, total: int, *, terminal: bool | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._total, self._clock, self._start = total, clock, clock()
        self._done = self._bad = 0
        self._at: list[float] = []
        self._bar = None
        if sys.stderr.isatty() if terminal is None else terminal:
            from tqdm import tqdm

            form = "{l_bar}{bar}| {n_fmt} of {total_fmt} reports{postfix}"
            self._bar = tqdm(total=total, bar_format=form, ncols=None, dynamic_ncols=True, leave=False)

    def count(self, name: str, state: str, good: bool, lines: list[str]) -> None:
        """One report came out."""
        self._done += 1
        self._bad += not good
        self._at.append(self._clock())
        for line in lines:
            self._say(f"{name}: {line}", err=True)
        if self._bar is not None:
            self._bar.set_postfix_str(self._rest().removeprefix(", "), refresh=False)
            self._bar.update()
        else:
            self._say(f"{name}: {state}. {self._done:,} of {self._total:,} done{self._rest()}")

    def note(self, line: str) -> None:
        """A line that is no count: another run is waited for, a process died."""
        self._say(line, err=True)

    def close(self) -> None:
        """The bar goes; the summary takes its place."""
        if self._bar is not None:
            self._bar.close()

    def _rest(self) -> str:
        failed = f", {self._bad:,} with faults" if self._bad else ""
        left = self._total - self._done
        return f"{failed}, {in_words(self._seconds_left(left))} left" if left else failed

    def _seconds_left(self, left: int) -> float:
        """By the pace of the last reports: the first ones wait for the server to warm up."""
        recent = self._at[-WINDOW - 1 :]
        if len(recent) > WINDOW // 4:
            return left * (recent[-1] - recent[0]) / (len(recent) - 1)
        return left * (self._at[-1] - self._start) / self._done

    def _say(self, line: str, *, err: bool = False) -> None:
        if self._bar is not None:
            self._bar.write(line, file=sys.stderr if err else sys.stdout)
        else:
            click.echo(line, err=err)


def in_words(seconds: float) -> str:
    """`about 6 min`, `about 20 s`."""
    if seconds < 90:
        return f"about {max(1, round(seconds)):,} s"
    if seconds < 90 * 60:
        return f"about {round(seconds / 60):,} min"
    return f"about {seconds / 3600:.1f} h"
