"""Faults a user can put right. Each class has one cause, each message is an instruction.

A message says where, what was found, what was expected and what to do. All faults of one input
are reported together. Messages carry row numbers, never names, dates of birth, UPNs or postcodes.
"""

from collections.abc import Iterable


class HighneedsError(Exception):
    """A fault the user can put right; `faults` holds one plain line for each."""

    def __init__(self, faults: str | Iterable[str]) -> None:
        self.faults = (faults,) if isinstance(faults, str) else tuple(faults)
        super().__init__("\n".join(self.faults))


class ParamsError(HighneedsError):
    """A parameter is unknown, missing, of the wrong type or names nothing we hold."""


class SourceError(HighneedsError):
    """A file, folder or archive is not what its reader expects."""


class SchemaError(HighneedsError):
    """A table's columns, types, keys or values break its declaration."""


class FetchError(HighneedsError):
    """A release could not be fetched whole from the publisher's service."""


class DisclosureError(HighneedsError):
    """What was about to be published would let a child be recognised."""


class ClaimError(HighneedsError):
    """A sentence carries a number that was typed instead of computed."""


class LabError(HighneedsError):
    """JupyterLab, or what it is to open, is not there or cannot be started."""
