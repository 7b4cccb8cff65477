"""What columns cannot decide, told to who stands at a command line: what to leave out, and which command decides it instead."""

from collections.abc import Collection, Generator, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Final

import attrs

from relcare.cli._engines import PARTS
from relcare.decisions import Policy
from relcare.errors import Problem, UnsupportedPolicyError
from relcare.frames._decide import prepared
from relcare.frames._support import LATER

__all__ = ["CLIENT_BY_CLIENT", "told_as_options"]

CLIENT_BY_CLIENT: Final = {
    "cadence": "relcare due",
    "triggers": "relcare due",
    "permission": "relcare due",
    "neglect": "relcare neglect",
    "holding": "relcare neglect",
    "vip": "relcare vip show",
    "segment": "relcare segments",
    "segmentation": "relcare review show",
    "facts": "relcare explain",
}
"""The command that decides a part of a policy client by client, by the first word of its place."""
_FIELDS: Final = {"vip": ("vip_programmes",), "cadence": ("cadence", "triggers")}
"""Where a part stands in a policy that does not go by its name."""


@contextmanager
def told_as_options(
    policies: Sequence[Policy], *, as_of: date, zone: str, only: Collection[str], instead: str | None = None
) -> Generator[None]:
    """The refusal of a policy with parts that columns do not decide, with the options and commands that go on from there.

    Args:
        policies: Those that are decided.
        as_of: On which day.
        zone: Of the book.
        only: The parts that were asked for; empty for all.
        instead: What decides every part of them client by client; the command for each part by default.
    """
    try:
        yield
    except UnsupportedPolicyError as error:
        decided = [part for part in PARTS if _is_decided(part, policies, as_of, zone)]
        left = [part for part in decided if part in only or not only]
        raise UnsupportedPolicyError(_told(problem, left, instead) for problem in error.problems) from error


def _is_decided(part: str, policies: Sequence[Policy], as_of: date, zone: str) -> bool:
    """Whether there is such a part, and columns decide it with all that it rests on."""
    if not any(getattr(policy, field) for policy in policies for field in _FIELDS.get(part, (part,))):
        return False
    try:
        for policy in policies:
            prepared(policy, as_of, zone, [part])
    except UnsupportedPolicyError:
        return False
    return True


def _told(problem: Problem, left: Sequence[str], instead: str | None) -> Problem:
    """A problem with the way out; one that has a way out of its own keeps it."""
    if problem.hint not in {None, LATER}:
        return problem
    options = " ".join(f"--only {part}" for part in left)
    command = instead or CLIENT_BY_CLIENT.get(problem.path.partition("[")[0].partition(".")[0])
    ways = [f"leave it out with {options}" if options else "", f"{command} decides it client by client" if command else ""]
    return attrs.evolve(problem, hint="; ".join(way for way in ways if way) or None)
