"""One vote: whether it was carried, and whether those who abstained or did not vote could have changed that.

A recommendation is carried where more are for it than against; abstentions are not counted on either side.
"""

from dataclasses import dataclass

CARRIED, LOST, TIED = "carried", "not carried", "tied"


@dataclass(frozen=True)
class Vote:
    """Counts of one vote; present: members who were there, None where nobody says."""

    approved: int
    rejected: int
    abstained: int
    present: int | None = None

    @property
    def cast(self) -> int:
        """Votes for and against."""
        return self.approved + self.rejected

    @property
    def voted(self) -> int:
        """Members who voted or said that they abstained."""
        return self.cast + self.abstained

    @property
    def silent(self) -> int | None:
        """Members present who did neither."""
        return None if self.present is None else self.present - self.voted

    @property
    def outcome(self) -> str:
        """Carried, not carried or tied."""
        if self.approved == self.rejected:
            return TIED
        return CARRIED if self.approved > self.rejected else LOST

    def could_turn(self, others: int) -> bool:
        """True where so many more votes, all on the losing side, would have taken the majority away."""
        return others >= abs(self.approved - self.rejected) and others > 0
