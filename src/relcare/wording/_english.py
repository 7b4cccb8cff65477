"""The English words. Sentences start in lower case and end without a full stop, so that they join into one line."""

from typing import Final

from relcare.wording._catalogue import Catalogue

__all__ = ["ENGLISH"]

_PHRASES: Final = {
    "phrase.fact": "{name} is {value}",
    "phrase.missing": "{name} is missing",
    "phrase.amount": "{value} in {name}",
    "phrase.with_facts": "{sentence} ({facts})",
    "phrase.because": "{decision}: {reasons}",
    "phrase.yes": "yes",
    "phrase.no": "no",
    "phrase.none": "none",
    "joint.items": ", ",
    "joint.last": " and ",
    "joint.members": " + ",
    "joint.clauses": "; ",
}

_VALUES: Final = {
    "anchor=client.client_since_on": "the day it became a client",
    "anchor=people.birthday": "the birthday",
    # An empty id lets nobody with the score at the border in.
    "border_id=": "none",
    "hit=first": "the first criterion that does",
    "hit=highest": "the highest tier whose criterion does",
    "hit=unique": "the only criterion that does",
    "since=client_since": "the day it became a client",
    "since=first_event": "the day of its first event",
    "since=rule_in_force": "the day the policy came into force",
    "ties=by id": "the ids part them",
    "ties=together downward": "all of them go below it",
    "ties=together upward": "all of them stay above it",
}

_DECISIONS: Final = {
    "assignment.held": "{client} is held without a tier in scheme {scheme}",
    "assignment.in_tier": "{client} is in tier {tier} of scheme {scheme}",
    "assignment.out_of_scope": "{client} has no tier in scheme {scheme}",
    "obligation.deferred": "{channel} owed to [{person} at ]{client} by {due_on}, deferred",
    "obligation.due": "{channel} owed to [{person} at ]{client} by {due_on}, due now[, open since {earliest_on}]",
    "obligation.grace": (
        "{channel} owed to [{person} at ]{client} by {due_on}, late by {overdue_days:day/days}, in grace[ to {latest_on}]"
    ),
    "obligation.overdue": (
        "{channel} owed to [{person} at ]{client} by {due_on}, overdue by {overdue_days:day/days}[ (grace ended {latest_on})]"
    ),
    "obligation.upcoming": "{channel} owed to [{person} at ]{client} by {due_on}, upcoming[, open from {earliest_on}]",
    "undecided": "undecided whether anything is owed to {client} under rule {rule}",
    "verdict.no": "does not hold",
    "verdict.unknown": "unknown[, for want of {missing}]",
    "verdict.yes": "holds",
    "vip_decision.no": "[{client} ]does not qualify for programme {programme}",
    "vip_decision.shortfall": "path {path} is missed by {shortfall:raw}",
    "vip_decision.unknown": "qualification[ of {client}] for programme {programme} is unknown",
    "vip_decision.yes": "[{client} ]qualifies for programme {programme}[ since {first_eligible_on}]",
}

_REASONS: Final = {
    "book.credit": "purchase {id} is a credit of {value} that names no purchase",
    "book.unknown_owner": "the owner of client {id}, {value}, is not among the staff",
    "book.unknown_staff": "touchpoint {id} was made by {value}, who is not among the staff",
    "cadence.in_lieu": "the {channel} was logged in lieu of the {instead_of}",
    "cadence.last_contact": "last contact {touchpoint} on {on} by {channel}, and the next is due {interval} later",
    "cadence.merged": "rule {rule} governs, and the same contact serves {also}",
    "cadence.minimum": "the rule allows no interval below {minimum}, so that {instead_of} does not apply",
    "cadence.never_contacted": "no contact that counts so far, so the first is due {interval} after {on}, {since}",
    "cadence.occurrence": "occurrence {occurrence}, counted from {anchor}, falls on {on}",
    "cadence.rolled": "moved from {from} to {to}, the {roll} business day of calendar {calendar}",
    "cadence.rule": (
        "rule {rule} asks for contact by {channel} every {interval}[ while {when:raw}][ ({facts})][, source {source}]"
    ),
    "cadence.satisfied_by": "the {channel} counts for the {instead_of}",
    "cadence.strategy_interval": "the strategy for type {type} asks for {interval} instead of {instead_of}",
    "cadence.undecided": "rule {rule} asks only while {when:raw}, which is unknown[ ({facts})]",
    "calendar.not_published": "calendar {calendar} is not published up to {on}, so its business days there are not known",
    "fact.out_of_bounds": "{fact} is out of bounds with {value} and counts as missing",
    "role.fallback": "nobody on the staff has the role {role}[, so it falls to the owner, {owner}]",
    "segmentation.conflict": "the criteria of {met} hold together, and scheme {scheme} allows one[ ({facts})]",
    "segmentation.kept": "too little is known for scheme {scheme}, so tier {tier} is kept[ ({facts})]",
    "segmentation.missing": "too little is known for scheme {scheme}, and there is no tier to keep[ ({facts})]",
    "segmentation.newcomer": "too little is known for scheme {scheme}, so tier {tier} is given as to a newcomer[ ({facts})]",
    "segmentation.no_match": "no criterion of scheme {scheme} holds, and it names no other tier[ ({facts})]",
    "segmentation.otherwise": "no criterion of another tier holds in scheme {scheme}, so tier {tier} is left[ ({facts})]",
    "segmentation.out_of_scope": "outside the scope of scheme {scheme}, which is {scope:raw}[ ({facts})]",
    "segmentation.ranked": (
        "rank {rank} of {count} in scheme {scheme} with score {score}[ ({facts})]"
        "[, the border of tier {tier} being at score {border_score}[ (last id there: {border_id})]]"
    ),
    "segmentation.scope_unknown": "unknown whether scheme {scheme} applies[, so tier {tier} is kept][ ({facts})]",
    "segmentation.threshold_met": "tier {tier} of scheme {scheme} because {when:raw} holds[ ({facts})], {hit}",
    "segmentation.tie": "{equals:client has/clients share} the score at the cut below tier {cut} of scheme {scheme}, and {ties}",
    "tier.provisional": "tier {tier} of scheme {scheme} is provisional: computed for the day, not yet in force",
    "tier.unknown": "tier {tier} is in force, and scheme {scheme} does not know it",
    "vip.path_met": "path {path} of programme {programme} holds, {when:raw}[ ({facts})]",
    "vip.path_not_met": "path {path} of programme {programme} does not hold, {when:raw}[ ({facts})]",
    "vip.path_unknown": "path {path} of programme {programme} is unknown, {when:raw}[ ({facts})]",
}

ENGLISH: Final = Catalogue(language="en", templates={**_PHRASES, **_VALUES, **_DECISIONS, **_REASONS})
