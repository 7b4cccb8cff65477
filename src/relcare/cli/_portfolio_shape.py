"""The JSON shapes of `portfolio` and `referrals`, and of how one client is doing."""

from collections.abc import Mapping, Sequence
from datetime import date

from relcare.cli._shapes import Json, value_shape, values_shape
from relcare.decisions import ClientHealth, Health, Portfolio
from relcare.relationships import Referred

__all__ = ["health_shape", "portfolio_shape", "referrals_shape"]


def portfolio_shape(found: Portfolio) -> dict[str, Json]:
    """Each type, who needs attention, and what is read of everybody."""
    return {
        "as_of": found.as_of.isoformat(),
        "types": [
            {
                "type": one.type,
                "clients": len(one.client_ids),
                "attention": list(one.attention),
                "indicators": [{"id": name, **_counts(counts)} for name, counts in one.counts.items()],
            }
            for one in found.types
        ],
        "attention": [one.client_id for one in found.attention],
        "clients": [{"client_id": one.client_id, "types": list(one.types), **health_shape(one)} for one in found.clients],
    }


def _counts(counts: Mapping[Health, int]) -> dict[str, Json]:
    return {"healthy": counts["healthy"], "ailing": counts["ailing"], "unknown": counts["unknown"]}


def health_shape(one: ClientHealth) -> dict[str, Json]:
    """What the indicators and situations of a client's types say."""
    return {
        "needs_attention": one.needs_attention,
        "act_by": value_shape(one.act_by),
        "indicators": [
            {
                "type": reading.type,
                "id": reading.indicator.id,
                "healthy": str(reading.indicator.healthy),
                "health": reading.health,
                "facts": values_shape(reading.facts),
            }
            for reading in one.indicators
        ],
        "situations": [
            {
                "type": reading.type,
                "id": reading.situation.id,
                "when": str(reading.situation.when),
                "holds": reading.holds,
                "action": reading.situation.action,
                "began_on": value_shape(reading.began_on),
                "act_by": value_shape(reading.act_by),
                "owed": [obligation.key for obligation in reading.owed],
                "facts": values_shape(reading.facts),
            }
            for reading in one.situations
        ],
    }


def referrals_shape(client_id: str, as_of: date, found: Sequence[Referred]) -> dict[str, Json]:
    """The clients around one client, the nearest first."""
    return {
        "client_id": client_id,
        "as_of": as_of.isoformat(),
        "clients": [{"client_id": one.client_id, "steps": one.steps, "path": list(one.path)} for one in found],
    }
