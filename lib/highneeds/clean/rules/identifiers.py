"""Shape and check characters of pupil and learner numbers, and the shape of postcodes, without a loop over rows.

Texts of the right length are laid out as a matrix of bytes, one row a text.
Source: DfE, Unique pupil numbers, version 2.0 (weights 2 to 13, 23 letters without I, O and S);
Learning Records Service, unique learner numbers (weights 10 to 1, remainder 10).
"""

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

UPN_LETTERS = "ABCDEFGHJKLMNPQRTUVWXYZ"
UPN_LENGTH, ULN_LENGTH = 13, 10
# Outward code, then a digit and two letters; GIR 0AA is the one exception.
POSTCODE = r"(?:[A-Z]{1,2}[0-9][0-9A-Z]?\s*[0-9][ABD-HJLNP-UW-Z]{2}|GIR\s*0AA)"

_NONE = 255
_DIGIT = np.full(256, _NONE, dtype=np.uint8)
_DIGIT[48:58] = np.arange(10)
_LETTER = np.full(256, _NONE, dtype=np.uint8)
for _index, _letter in enumerate(UPN_LETTERS):
    _LETTER[[ord(_letter), ord(_letter.lower())]] = _index
_UPN_WEIGHTS = np.arange(2, UPN_LENGTH + 1, dtype=np.int32)
_ULN_WEIGHTS = np.arange(ULN_LENGTH, 0, -1, dtype=np.int32)


def good_upns(text: pd.Series) -> np.ndarray:
    """True where a text is a UPN, permanent or temporary, with the right check letter; False where missing."""
    where, letters = _matrix(text, UPN_LENGTH)
    body, last = _DIGIT[letters[:, 1:]], letters[:, -1]
    temporary = (body[:, -1] == _NONE) & (_LETTER[last] != _NONE)
    body[temporary, -1] = _LETTER[last[temporary]]
    shaped = (body != _NONE).all(axis=1) & (_LETTER[letters[:, 0]] != _NONE)
    good = shaped & ((body.astype(np.int32) @ _UPN_WEIGHTS) % len(UPN_LETTERS) == _LETTER[letters[:, 0]])
    return _placed(good, where, len(text))


def good_ulns(text: pd.Series) -> np.ndarray:
    """True where a text is a ULN with the right check digit; False where missing."""
    where, letters = _matrix(text, ULN_LENGTH)
    digits = _DIGIT[letters]
    shaped = (digits != _NONE).all(axis=1) & (digits[:, 0] != 0)
    good = shaped & ((digits.astype(np.int32) @ _ULN_WEIGHTS) % 11 == 10)
    return _placed(good, where, len(text))


def good_postcodes(text: pd.Series) -> np.ndarray:
    """True where a text has the shape of a whole UK postcode, however it is spaced; False where missing."""
    return text.astype("str").str.fullmatch(POSTCODE, case=False).to_numpy(dtype=bool, na_value=False)


def _matrix(text: pd.Series, length: int) -> tuple[np.ndarray, np.ndarray]:
    """Positions of the texts of this length, and their bytes."""
    whole = pa.array(text, type=pa.large_string(), from_pandas=True)
    whole = whole.combine_chunks() if isinstance(whole, pa.ChunkedArray) else whole
    fits = pc.fill_null(pc.equal(pc.binary_length(whole), length), False)
    kept = pc.cast(whole.filter(fits), pa.large_binary())
    data = kept.buffers()[2]
    letters = np.frombuffer(data, dtype=np.uint8) if data is not None else np.empty(0, dtype=np.uint8)
    start = kept.offset * length
    letters = letters[start : start + len(kept) * length].reshape(-1, length)
    return np.flatnonzero(fits.to_numpy(zero_copy_only=False)), letters


def _placed(good: np.ndarray, where: np.ndarray, size: int) -> np.ndarray:
    mask = np.zeros(size, dtype=bool)
    mask[where] = good
    return mask
