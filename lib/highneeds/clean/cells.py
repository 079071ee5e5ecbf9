"""A published cell is a value, a symbol, or a typing error. Symbols are information, not blanks."""

import pandas as pd

_NUMBER = r"-?\d{1,3}(?:,\d{3})+(?:\.\d+)?|-?\d+(?:\.\d*)?|-?\.\d+"
_OTHER_SPELLINGS = {":": "x", "..": "x", "n/a": "z", "na": "z"}


def split_symbols(text: pd.Series) -> pd.DataFrame:
    """Columns value (number or missing), status (symbol or empty) and fault (true: neither)."""
    tidy = text.str.strip().str.lower().replace(_OTHER_SPELLINGS)
    unique = pd.Series(tidy.unique())
    parts = unique.str.extract(rf"^(?P<value>{_NUMBER})?\s*\[?(?P<status>x|z|c|e|p|low)?\]?$")
    lookup = parts.set_index(unique)
    value = pd.to_numeric(lookup["value"].str.replace(",", "")).reindex(tidy).to_numpy()
    status = lookup["status"].fillna("").reindex(tidy).to_numpy()
    found = pd.DataFrame({"value": value, "status": status}, index=text.index)
    return found.assign(fault=found["value"].isna() & found["status"].eq(""))
