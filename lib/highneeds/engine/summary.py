"""What came of a run, for whoever looks in the morning: summary.html to read, summary.json for a mailer."""

import json
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

from highneeds import __version__, periods
from highneeds.engine.job import DONE, FAILED, IN_PART, REFUSED, UNCHANGED, Outcome
from highneeds.files import write_whole
from highneeds.report.render import ASSETS, environment

PAGE, DATA = "summary.html", "summary.json"
TITLE = "Summary of a run of reports"
MOST_REASONS = 3
MEANINGS = {
    DONE: "Made now, whole",
    UNCHANGED: "Stood already, and nothing it follows from has changed",
    IN_PART: "Made now, with something left out",
    REFUSED: "Not made: an input is bad, or a child could be recognised; an earlier report stands as it was",
    FAILED: "Not made: the run was stopped, or something broke; an earlier report stands as it was",
}


def write_summary(out: Path, outcomes: Sequence[Outcome]) -> tuple[Path, Path]:
    """Write both files into the folder of reports; their places. Same outcomes, same bytes."""
    ordered = sorted(outcomes, key=lambda outcome: outcome.name)
    counts = Counter(outcome.state for outcome in ordered)
    data = {
        "reports": len(ordered),
        "counts": {state: counts[state] for state in MEANINGS},
        "outcomes": [outcome.model_dump(exclude={"seconds"}) | {"folder": _place(outcome, out)} for outcome in ordered],
    }
    write_whole(out / DATA, (json.dumps(data, indent=1, ensure_ascii=False) + "\n").encode("utf-8"))
    page = environment().get_template("summary.html.j2")
    text = page.render(
        title=TITLE,
        answer=answer(ordered),
        tally=[(state, counts[state], meaning) for state, meaning in MEANINGS.items() if counts[state]],
        total=len(ordered),
        faulty=[outcome for outcome in ordered if not outcome.good],
        rows=[(each, _link(each, out), _day(each), _why(each)) for each in ordered],
        version=__version__,
        style=(ASSETS / "report.css").read_text(encoding="utf-8"),
    )
    write_whole(out / PAGE, text.encode("utf-8"))
    return out / PAGE, out / DATA


def answer(outcomes: Sequence[Outcome]) -> str:
    """The run in one sentence."""
    good = sum(outcome.good for outcome in outcomes)
    made = sum(outcome.state == DONE for outcome in outcomes)
    said = f"{good:,} of {len(outcomes):,} report{'' if len(outcomes) == 1 else 's'} stand whole: {made:,} made now, "
    said += f"{good - made:,} as before."
    left = len(outcomes) - good
    return said + (f" {left:,} need{'s' if left == 1 else ''} attention." if left else "")


def _place(outcome: Outcome, out: Path) -> str:
    """Folder of a report from the folder of reports."""
    if not outcome.folder or not Path(outcome.folder).is_relative_to(out):
        return ""
    return Path(outcome.folder).relative_to(out).as_posix()


def _link(outcome: Outcome, out: Path) -> str:
    place = _place(outcome, out)
    return f"{place}/report.html" if place else ""


def _day(outcome: Outcome) -> str:
    return periods.day_in_words(date.fromisoformat(outcome.as_at)) if outcome.as_at else "none made"


def _why(outcome: Outcome) -> str:
    """First reasons, and how many more."""
    said = list(outcome.reasons[:MOST_REASONS])
    more = len(outcome.reasons) - len(said)
    if more > 0:
        said.append(f"and {more:,} more")
    return "; ".join(said) or ("nothing changed" if outcome.state == UNCHANGED else "not made")
