"""Who may see and do what with a client's file: decided, granted for a time, changed by two people, and written down.

Source: ACC-1 to ACC-6.
"""

from relcare.access._access_rules import AccessRules, Identity, access_problems
from relcare.access._audit import MOST_SHOWN, AuditEntry, DigestKey
from relcare.access._chain import (
    CHAIN_FAULTS,
    ChainFault,
    ChainFaultKind,
    ChainReport,
    anchor_of,
    erased_link,
    next_link,
    verify_chain,
)
from relcare.access._change import CHANGE_STATES, ChangeState, ChangeStatus, change_state
from relcare.access._change_events import CHANGE_STEPS, ChangeEvent, ChangeStep
from relcare.access._decide import decide_access, decide_query
from relcare.access._decider import AccessDecider, RuleDecider
from relcare.access._decision import ACCESS_ANSWERS, AccessAnswer, AccessDecision
from relcare.access._delegation_events import DELEGATION_STEPS, DelegationEvent, DelegationStep, delegation_of
from relcare.access._duplicates import DuplicateAnswer, check_duplicate, identity_key
from relcare.access._grant import GRANT_STATES, GrantState, GrantStatus, grant_state
from relcare.access._grant_events import GRANT_STEPS, GrantEvent, GrantStep
from relcare.access._inert import inert_cell, original_cell
from relcare.access._links import Anchor, ChainHead, ChainLink
from relcare.access._relations import acts_for, approver_standing, standing_of, team_of_client, teams_of
from relcare.access._request import AccessRequest
from relcare.access._retention import (
    RETENTION_OUTCOMES,
    RETENTION_QUESTIONS,
    RetentionDecision,
    RetentionOutcome,
    RetentionQuestion,
    RetentionRules,
    decide_retention,
)
from relcare.access._retention_laws import (
    RETENTION_LAWS,
    RetentionConfidence,
    RetentionLaw,
    RetentionRow,
    near_retention_law,
    retention_law,
)
from relcare.access._retention_rules import (
    RETENTION_CLOCKS,
    RETENTION_KINDS,
    EraseClock,
    KeepClock,
    RetentionClock,
    RetentionKind,
    RetentionRecord,
)
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
    "DELEGATION_STEPS",
    "FIELDS",
    "GRANT_STATES",
    "GRANT_STEPS",
    "MEDIA",
    "MOST_SHOWN",
    "OPEN_KINDS",
    "READING",
    "RELATIONS",
    "RETENTION_CLOCKS",
    "RETENTION_KINDS",
    "RETENTION_LAWS",
    "RETENTION_OUTCOMES",
    "RETENTION_QUESTIONS",
    "WHOLE",
    "AccessAnswer",
    "AccessDecider",
    "AccessDecision",
    "AccessPurpose",
    "AccessRequest",
    "AccessRule",
    "AccessRules",
    "Action",
    "Anchor",
    "AuditEntry",
    "ChainFault",
    "ChainFaultKind",
    "ChainHead",
    "ChainLink",
    "ChainReport",
    "ChangeEvent",
    "ChangeState",
    "ChangeStatus",
    "ChangeStep",
    "ClientScope",
    "Delegation",
    "DelegationEvent",
    "DelegationStep",
    "DigestKey",
    "DuplicateAnswer",
    "EraseClock",
    "FieldClass",
    "GrantEvent",
    "GrantState",
    "GrantStatus",
    "GrantStep",
    "Identity",
    "KeepClock",
    "Medium",
    "Principal",
    "Relation",
    "RetentionClock",
    "RetentionConfidence",
    "RetentionDecision",
    "RetentionKind",
    "RetentionLaw",
    "RetentionOutcome",
    "RetentionQuestion",
    "RetentionRecord",
    "RetentionRow",
    "RetentionRules",
    "RuleDecider",
    "Signature",
    "Standing",
    "access_problems",
    "acts_for",
    "anchor_of",
    "approver_standing",
    "change_state",
    "check_duplicate",
    "check_field",
    "decide_access",
    "decide_query",
    "decide_retention",
    "delegation_of",
    "erased_link",
    "grant_state",
    "identity_key",
    "inert_cell",
    "near_retention_law",
    "next_link",
    "original_cell",
    "retention_law",
    "standing_of",
    "team_of_client",
    "teams_of",
    "verify_chain",
]
