"""The roles of the people at a client, as one set (FCT-1)."""

import narwhals.stable.v2 as nw

from relcare.frames._core import Core
from relcare.frames._engine import SEPARATOR, Lazy
from relcare.frames._reader import CLIENT

__all__ = ["ROLES", "with_roles"]

ROLES = "roles"
"""The column of the set; null where nobody at the client has a role."""


def with_roles(base: Lazy, core: Core) -> Lazy:
    """The base with the roles of the people at each client; a firm knows few different ones, which are asked for first.

    Args:
        base: A row for each client, or each client and day.
        core: The tables.
    """
    if core.roles is None:  # pragma: no cover - the border has asked for them
        raise TypeError
    people = core.roles.filter(~nw.col("role").is_null())
    words = sorted(str(role) for (role,) in core.engine.rows(core.engine.distinct(people.select("role"))))
    if not words:
        return base.with_columns(**{ROLES: nw.lit(None, dtype=nw.String())})
    held = {f"w {place}": (nw.col("role") == word).cast(nw.Int64()) for place, word in enumerate(words)}
    at_client = people.with_columns(**held).group_by(CLIENT).agg(*(nw.col(name).max() for name in held))
    members = [nw.when(nw.col(f"w {place}") == 1).then(nw.lit(word + SEPARATOR)) for place, word in enumerate(words)]
    roles = nw.concat_str(nw.lit(SEPARATOR), *members, ignore_nulls=True)
    return base.join(at_client.select(CLIENT, **{ROLES: roles}), on=CLIENT, how="left")
