"""What went wrong with a part of a report: where, why, and what to do, in one line."""

from dataclasses import asdict, dataclass

from highneeds import errors

OURS = {name for name, kind in vars(errors).items() if isinstance(kind, type) and issubclass(kind, Exception)}


@dataclass(frozen=True)
class Fault:
    """One fault. section: slug, empty for the whole report; heading: the words above the cell that stopped."""

    cause: str
    next_step: str
    section: str = ""
    heading: str = ""

    @property
    def says(self) -> str:
        """The fault as one line."""
        where = f"section '{self.section}'" + (f", under '{self.heading}'" if self.heading else "")
        left_out = " It is left out of the report." if self.section else ""
        head = f"{where}: " if self.section else ""
        cause = self.cause.rstrip(".")
        return f"{head}{cause}{'' if cause.endswith('?') else '.'}{left_out} {self.next_step}".strip()

    def as_dict(self) -> dict[str, str]:
        """Plain data, for a summary or a log."""
        return asdict(self)


def plain(kind: str, message: object, *, private: bool) -> str:
    """An exception in words. Its message is kept where it is ours, or where no case data could stand in it."""
    text = first_line(message)[:300]
    return f"{kind}: {text}" if kind in OURS or not private else f"{kind} (its message is left out: case data)"


def first_line(message: object) -> str:
    """First line of a message, or words for one that is empty."""
    return next(iter(str(message).strip().splitlines()), "no message")
