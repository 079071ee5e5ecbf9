"""Financial and academic years as text: `2025-26`, `2025/26`."""

from datetime import date


def following(year: str, steps: int = 1) -> str:
    """Year so many steps after a year, written as it is: `2018/19` and 2 give `2020/21`."""
    start = int(year[:4]) + steps
    return f"{start}{year[4]}{(start + 1) % 100:02d}"


def steps_between(first: str, last: str) -> int:
    """Number of years from one year to another; negative where the second is earlier."""
    return int(last[:4]) - int(first[:4])


def financial_year_ends(year: str) -> tuple[date, date]:
    """First and last day of a financial year."""
    start = int(year[:4])
    return date(start, 4, 1), date(start + 1, 3, 31)
