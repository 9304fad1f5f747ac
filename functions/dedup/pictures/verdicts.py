"""What two originals say of each other, and by which rule."""

from pydantic import BaseModel, ConfigDict


class Verdict(BaseModel):
    """What two originals say.

    Attributes:
        same: they show the same.
        score: the worst difference, in levels as on a plain ground.
        difference: to tell which of several is nearest: the square of the score, and the mean square of all that
            differs. By that alone a copy of half the size went to another version that was saved as coarsely.
        beyond: the worst difference as a share of what a copy may have; of words in colour alone as well.
        in_luma: the same of luma alone.
        certain: neither how the files were saved nor anything else would change it.
        in_colour_alone: words that have colour alone differ by more than formats lose of them.
        hiding: they are so small, or so much of them is lost, that other letters would not stand out.
        may_hide: the same of what may be such words, or is a line in which there is a trace of light.
        told_by: the rules that told them apart; of those of looks by how much of what a copy may have.
    """

    model_config = ConfigDict(frozen=True)

    same: bool
    score: float
    difference: float
    beyond: float = 0.0
    in_luma: float = 0.0
    certain: bool = False
    in_colour_alone: bool = False
    hiding: bool = False
    may_hide: bool = False
    told_by: dict[str, float] = {}

    def decided(self, rule: str, *, same: bool, **more: bool) -> "Verdict":
        """By one rule more."""
        told_by = {} if same else self.told_by | ({rule: 1.0} if self.same else {})
        return self.model_copy(update={"same": same, "told_by": told_by, **more})
