"""What a guarded desk is made of, and the entries that it writes into the audit log."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Final, TypeAlias

import attrs

from relcare._fields import ReadOnlyMap
from relcare.access import MOST_SHOWN, AccessDecider, AccessDecision, AccessRules, AuditEntry, DigestKey, RuleDecider
from relcare.calendars import Calendar
from relcare.decisions import Policy
from relcare.desk._caller import Caller
from relcare.desk._clock import Clock, instant_of
from relcare.errors import InvalidValueError
from relcare.storage import AuditTrail, ReadUnit, Store, UnitOfWork

__all__ = ["House"]

SaltSource: TypeAlias = Callable[[], str]
_SALT_BYTES: Final = 16


def _new_salt() -> str:
    return secrets.token_hex(_SALT_BYTES)


def _by_rules(house: "House") -> AccessDecider:
    return RuleDecider(house.rules)


@attrs.frozen(kw_only=True, eq=False)
class House:
    """See `GuardedDesk`."""

    store: Store = attrs.field(repr=False)
    policy: Policy = attrs.field(repr=False)
    clock: Clock
    key: DigestKey
    calendar: Calendar | None = attrs.field(default=None, repr=False)
    chain_id: str = "audit"
    decider: AccessDecider = attrs.field(default=attrs.Factory(_by_rules, takes_self=True), repr=False)
    new_salt: SaltSource = attrs.field(default=_new_salt, repr=False)

    def __attrs_post_init__(self) -> None:
        if not isinstance(self.key, DigestKey):  # pyright: ignore[reportUnnecessaryIsInstance]
            raise InvalidValueError("key", type(self.key).__name__, "must be a DigestKey")

    @property
    def rules(self) -> AccessRules:
        """The rules of access; none, and then nothing is allowed, where the policy has none."""
        return self.policy.access or AccessRules()

    def now(self) -> datetime:
        """What time it is by the clock."""
        return instant_of(self.clock)

    def note(
        self,
        unit: UnitOfWork,
        caller: Caller,
        decision: AccessDecision,
        *,
        at: datetime,
        query: str | None = None,
        count: int = 1,
        shown: Sequence[str] = (),
        values: Mapping[str, str] = ReadOnlyMap(),
    ) -> None:
        """Writes the audit entry about a decision into a unit of work: it is kept with everything else of it or not at all.

        Where more clients are shown than one entry names there are several entries, the same but for these.

        Args:
            unit: The unit.
            caller: Who asked.
            decision: What was decided.
            at: When.
            query: What was searched for; kept as a digest.
            count: How many records.
            shown: The ids of the clients whose files are told, each once, where they were not asked for by id; kept as digests.
            values: Of a change, the new values by field as text; kept as digests.
        """
        entry = AuditEntry.of(
            decision,
            self.key,
            at=at,
            actor_id=None if caller.principal is None else caller.principal.id,
            origin=caller.origin,
            query=query,
            count=count,
            reason=caller.reason,
        )
        digests = {field: self.key.digest(field, text) for field, text in values.items()}
        entry = attrs.evolve(entry, value_digests=digests)
        trail = AuditTrail(unit, self.chain_id, new_salt=self.new_salt)
        for start in range(0, max(1, len(shown)), MOST_SHOWN):
            whose = [self.key.digest("client", client_id) for client_id in shown[start : start + MOST_SHOWN]]
            trail.append(attrs.evolve(entry, client_digests=whose))

    def new_id(self, unit: ReadUnit, kind: str, number: int = 0) -> str:
        """An id that nobody else has and nobody can guess, and that says nothing of how many there are.

        A store that was restored from a backup counts again from there: by the salt, what is made then has another id than what
        was made before and is gone.

        Args:
            unit: A unit of work that has no audit entry yet: the entry that it will have is in no other unit's place.
            kind: What it is for.
            number: Of several in one unit.
        """
        head = AuditTrail(unit, self.chain_id).head()
        count = "0" if head is None else str(head.count)
        return self.key.digest("id", kind, self.chain_id, count, str(number), self.new_salt())[:20]
