"""Where a rule set gives which outcome, as boxes of a space."""

from collections.abc import Sequence

from relcare.cells import MAX_BOXES, Box, BudgetSpentError, Region, Space, meet, without_covered
from relcare.segmentation import ThresholdScheme

__all__ = ["conjoined", "tier_boxes"]


def conjoined(space: Space, several: Sequence[Sequence[Box]]) -> list[Box]:
    """What all of several sets of boxes share.

    Raises:
        BudgetSpentError: If that takes more than 20,000 boxes.
    """
    found: list[Box] = [space.everything]
    for boxes in several:
        found = without_covered([met for mine in found for other in boxes if (met := meet(mine, other)) is not None])
        if len(found) > MAX_BOXES:
            raise BudgetSpentError(len(found))
    return found


def tier_boxes(scheme: ThresholdScheme, space: Space, regions: Sequence[Region]) -> list[tuple[str, list[Box]]]:
    """Where each tier is certain: its criterion holds, and every other that could come before it fails (SEG-6, CRI-2).

    Everywhere else the client is held: nothing holds, two hold under `unique`, or facts are missing that could change the choice.

    Args:
        scheme: The scheme; its scope is not looked at.
        space: In which the regions lie.
        regions: Of the criteria of its tiers, in their order.

    Returns:
        Tier and boxes, in the order of the tiers, `otherwise` last (its tier may come twice). Boxes of one tier may overlap,
        those of different tiers do not.
    """
    # Where all before a tier fail, and under `unique` all after it: each made from the one beside it.
    before, after = [[space.everything]], [[space.everything]]
    for region in regions:
        before.append(conjoined(space, [before[-1], region.fails]))
    for region in reversed(regions):
        after.append(conjoined(space, [after[-1], region.fails]) if scheme.hit == "unique" else after[-1])
    later = after[-2::-1]
    found = [
        (tier.id, conjoined(space, [region.holds, before[index], later[index]]))
        for index, (tier, region) in enumerate(zip(scheme.tiers, regions, strict=True))
    ]
    if scheme.otherwise is not None:
        # A tier that is also the `otherwise` is certain where all others fail, whatever its own criterion says.
        rest = [region.fails for tier, region in zip(scheme.tiers, regions, strict=True) if tier.id != scheme.otherwise]
        found.append((scheme.otherwise, conjoined(space, rest)))
    return found
