"""Prints what a preset decides about the sample book; its output is the committed result.

    python tests/golden/decide.py consulting > tests/golden/consulting.json

A difference is a decision that changed for the same input: it belongs into the changelog under "Decisions changed".
"""

import json
import sys

from relcare.demo import DEMO_AS_OF, demo_book
from relcare.presets import preset


def decisions(name: str) -> str:
    """Tiers, obligations, undecided rules and qualifications as canonical JSON."""
    policy = preset(name)
    result = policy.decide(demo_book(), as_of=DEMO_AS_OF)
    found = {
        "policy": [policy.id, policy.version],
        "as_of": result.as_of.isoformat(),
        "tiers": {
            scheme_id: {
                a.client_id: [a.tier, None if a.score is None else f"{a.score:f}", a.rank, [r.code for r in a.reasons]]
                for a in scheme.assignments
            }
            for scheme_id, scheme in result.schemes.items()
        },
        "obligations": [
            [o.key, o.state, o.earliest_on.isoformat(), o.due_on.isoformat(), o.latest_on.isoformat(), o.overdue_days, o.staff_id]
            for o in result.obligations
        ],
        "undecided": [[u.client_id, u.rule_id, list(u.missing)] for u in result.undecided],
        "vip": {
            programme: {
                str(d.client_id): [d.qualification, None if d.first_eligible_on is None else d.first_eligible_on.isoformat()]
                for d in result.vip_decisions(programme)
            }
            for programme in result.programme_ids
        },
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    sys.stdout.write(decisions(sys.argv[1]))
