"""Who may see and do what with a client's file: decided, granted for a time, changed by two people, and written down.

Source: ACC-1 to ACC-4, ACC-6.
"""

from relcare.access._access_rules import AccessRules, Identity, access_problems
from relcare.access._audit import AuditEntry, DigestKey
from relcare.access._chain import CHAIN_FAULTS, Anchor, ChainFault, ChainLink, ChainReport, anchor_of, next_link, verify_chain
from relcare.access._change import CHANGE_STATES, ChangeState, ChangeStatus, change_state
from relcare.access._change_events import CHANGE_STEPS, ChangeEvent, ChangeStep
from relcare.access._decide import decide_access, decide_query
from relcare.access._decision import ACCESS_ANSWERS, AccessAnswer, AccessDecision
from relcare.access._duplicates import DuplicateAnswer, check_duplicate, identity_key
from relcare.access._grant import GRANT_STATES, GrantState, GrantStatus, grant_state
from relcare.access._grant_events import GRANT_STEPS, GrantEvent, GrantStep
from relcare.access._inert import inert_cell, original_cell
from relcare.access._relations import approver_standing, delegated_by, standing_of, team_of_client, teams_of
from relcare.access._request import AccessRequest
from relcare.access._rules import AccessPurpose, AccessRule, FieldClass
from relcare.access._who import Delegation, Principal, Signature, Standing
from relcare.access._words import (
    ACTIONS,
    CLIENT_SCOPES,
    FIELDS,
    MEDIA,
    OPEN_KINDS,
    READING,
    RELATIONS,
    WHOLE,
    Action,
    ClientScope,
    Medium,
    Relation,
    check_field,
)

__all__ = [
    "ACCESS_ANSWERS",
    "ACTIONS",
    "CHAIN_FAULTS",
    "CHANGE_STATES",
    "CHANGE_STEPS",
    "CLIENT_SCOPES",
    "FIELDS",
    "GRANT_STATES",
    "GRANT_STEPS",
    "MEDIA",
    "OPEN_KINDS",
    "READING",
    "RELATIONS",
    "WHOLE",
    "AccessAnswer",
    "AccessDecision",
    "AccessPurpose",
    "AccessRequest",
    "AccessRule",
    "AccessRules",
    "Action",
    "Anchor",
    "AuditEntry",
    "ChainFault",
    "ChainLink",
    "ChainReport",
    "ChangeEvent",
    "ChangeState",
    "ChangeStatus",
    "ChangeStep",
    "ClientScope",
    "Delegation",
    "DigestKey",
    "DuplicateAnswer",
    "FieldClass",
    "GrantEvent",
    "GrantState",
    "GrantStatus",
    "GrantStep",
    "Identity",
    "Medium",
    "Principal",
    "Relation",
    "Signature",
    "Standing",
    "access_problems",
    "anchor_of",
    "approver_standing",
    "change_state",
    "check_duplicate",
    "check_field",
    "decide_access",
    "decide_query",
    "delegated_by",
    "grant_state",
    "identity_key",
    "inert_cell",
    "next_link",
    "original_cell",
    "standing_of",
    "team_of_client",
    "teams_of",
    "verify_chain",
]
