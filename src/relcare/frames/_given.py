"""What must be given to decide over columns: a policy, a book in columns, parts of the policy by their names."""

from collections.abc import Collection
from typing import cast

from relcare.decisions import Policy
from relcare.errors import InvalidValueError, nearest
from relcare.frames._support import PARTS

__all__ = ["check_only", "check_policy"]


def check_policy(policy: object) -> None:
    """Refuse what is no policy, such as its text.

    Raises:
        InvalidValueError: If it is none.
    """
    if not isinstance(policy, Policy):
        raise InvalidValueError("policy", policy, "must be a Policy", "relcare.load_policy reads one, loads_policy its text")


def check_only(only: object) -> None:
    """Refuse names of no part, and a name that is no collection of them.

    Raises:
        InvalidValueError: If there is one; it names the nearest part.
    """
    if only is None:
        return
    if isinstance(only, str) or not isinstance(only, Collection):
        hint = f"write only=[{only!r}]" if only in PARTS else None
        raise InvalidValueError("only", only, f"must be a collection of {', '.join(PARTS)}", hint)
    for name in cast("Collection[object]", only):
        if name not in PARTS:
            near = nearest(str(name), PARTS)
            raise InvalidValueError("only", name, f"must be of {', '.join(PARTS)}", f"did you mean {near!r}?" if near else None)
