"""What is levelled."""

from collections.abc import Sequence
from math import lcm
from typing import Final

import attrs

__all__ = ["NOWHERE", "Job", "densities"]

NOWHERE: Final = -1
"""The place of a job that found no day."""


@attrs.frozen(eq=False)
class Job:
    """One contact to be given a day.

    Attributes:
        weight: What it weighs, from 1.
        minutes: How long it takes, from 1.
        days: The places of the days on which it is allowed, ascending.
        preferred: The place where it would best be; one of `days`.
        price: What it costs to be anywhere else, from 1.
    """

    weight: int
    minutes: int
    days: Sequence[int]
    preferred: int
    price: int = 1


def densities(jobs: Sequence[Job]) -> list[int]:
    """The weight a minute of each job, all times the same number, so that they are whole and compare exactly."""
    common = lcm(*{job.minutes for job in jobs})
    return [job.weight * (common // job.minutes) for job in jobs]
