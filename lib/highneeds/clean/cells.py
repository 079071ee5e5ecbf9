"""A published cell is a value, a symbol, or a typing error. Symbols are information, not blanks."""

import pandas as pd

_NUMBER = r"-?[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]+)?|-?[0-9]+(?:\.[0-9]*)?|-?\.[0-9]+"
# A mark qualifies a number; a symbol stands in place of one.
_CELL = rf"^(?:(?P<value>{_NUMBER})\s*(?P<mark>e|p)?|(?P<symbol>x|z|c|low))$"
_BRACKETS = r"\[(x|z|c|e|p|low)\]$"
_OTHER_SPELLINGS = {":": "x", "..": "x", "no data": "x", "n/a": "z", "na": "z"}


def split_symbols(text: pd.Series) -> pd.DataFrame:
    """Columns value (number or missing), status (symbol or empty) and fault (true: neither)."""
    tidy = text.str.strip().str.lower().replace(_OTHER_SPELLINGS)
    unique = pd.Series(tidy.unique())
    lookup = unique.str.replace(_BRACKETS, r"\1", regex=True).str.extract(_CELL).set_index(unique)
    value = pd.to_numeric(lookup["value"].str.replace(",", "")).reindex(tidy).to_numpy()
    status = lookup["mark"].fillna(lookup["symbol"]).fillna("").reindex(tidy).to_numpy()
    found = pd.DataFrame({"value": value, "status": status}, index=text.index)
    return found.assign(fault=found["value"].isna() & found["status"].eq(""))
