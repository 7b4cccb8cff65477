"""The English words. Sentences start in lower case and end without a full stop, so that they join into one line."""

from typing import Final

from relcare.wording._catalogue import Catalogue
from relcare.wording._english_reasons import REASONS

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
    "held_back=escalate": "an escalation to the head",
    "held_back=release": "release to the pool",
    "held_back=warn": "a warning",
    "hit=first": "the first criterion that does",
    "hit=highest": "the highest tier whose criterion does",
    "hit=unique": "the only criterion that does",
    "next_action=escalate": "an escalation to the head",
    "next_action=release": "release to the pool",
    "next_action=warn": "a warning",
    "opening=allowed": "open at",
    "opening=quiet": "closed at",
    "action=escalate": "an escalation to the head",
    "action=release": "release to the pool",
    "action=warn": "a warning",
    "since=client_since": "the day it became a client",
    "since=first_event": "the day of its first event",
    "since=last_contact": "the day of the last contact",
    "since=rule_in_force": "the day the policy came into force",
    "since=took_over": "the day its owner took over",
    "ties=by id": "the ids part them",
    "ties=together downward": "all of them go below it",
    "ties=together upward": "all of them stay above it",
}

_DECISIONS: Final = {
    "access_decision.allowed": "to {action}[ client {client}] for {purpose} on {medium} is allowed[, with {fields}]",
    "access_decision.denied": "to {action}[ client {client}] for {purpose} on {medium} is denied",
    "access_decision.unknown": "client {client} is unknown",
    "assignment.held": "{client} is held without a tier in scheme {scheme}",
    "assignment.in_tier": "{client} is in tier {tier} of scheme {scheme}",
    "assignment.out_of_scope": "{client} has no tier in scheme {scheme}",
    "grade_place.none": "{client} has no grade in {grade}",
    "grade_place.placed": "{client} has {part} of {parts} in {grade}",
    "neglect_decision.held_back": "{held_back} for {client} is held back[, then {next_action} on {next_on}]",
    "neglect_decision.quiet": "nothing is to be done about {client}[ before {next_on}, and then {next_action}]",
    "neglect_decision.reached": "{action} for {client} since {reached_on}[, then {next_action} on {next_on}]",
    "neglect_decision.undecided": "undecided what is to be done about {client}[, for want of {missing}]",
    "obligation.deferred": "{channel} owed to [{person} at ]{client} by {due_on}, deferred[ to {next_allowed_at:raw}]",
    "obligation.due": "{channel} owed to [{person} at ]{client} by {due_on}, due now[, open since {earliest_on}]",
    "obligation.grace": (
        "{channel} owed to [{person} at ]{client} by {due_on}, late by {overdue_days:day/days}, in grace[ to {latest_on}]"
    ),
    "obligation.overdue": (
        "{channel} owed to [{person} at ]{client} by {due_on}, overdue by {overdue_days:day/days}[ (grace ended {latest_on})]"
    ),
    "obligation.upcoming": "{channel} owed to [{person} at ]{client} by {due_on}, upcoming[, open from {earliest_on}]",
    "permission_decision.allowed": "contact by {channel}[ for {purpose}] is allowed",
    "permission_decision.deferred": "contact by {channel}[ for {purpose}] is not allowed before {next_allowed_at:raw}",
    "permission_decision.refused": "contact by {channel}[ for {purpose}] is not allowed, and nothing says from when on",
    "undecided": "undecided whether anything is owed to {client} under rule {rule}",
    "verdict.no": "does not hold",
    "verdict.unknown": "unknown[, for want of {missing}]",
    "verdict.yes": "holds",
    "segment_membership.no": "{client} is not in segment {segment}",
    "segment_membership.unknown": "unknown whether {client} is in segment {segment}[, for want of {missing}]",
    "segment_membership.yes": "{client} is in segment {segment}",
    "vip_decision.no": "[{client} ]does not qualify for programme {programme}",
    "vip_decision.shortfall": "path {path} is missed by {shortfall:raw}",
    "vip_decision.unknown": "qualification[ of {client}] for programme {programme} is unknown",
    "vip_decision.yes": "[{client} ]qualifies for programme {programme}[ since {first_eligible_on}]",
}

_JUSTIFICATIONS: Final = {
    "justification.computed": "computed from {names}, so no change of it alone is offered",
    "justification.conflict": "two tiers in conflict",
    "justification.decided": "{outcome}",
    "justification.drop": "{ending:raw} from {value} down[, {amount} less][, {days:day/days} less]",
    "justification.everybody": "the same whatever the facts are",
    "justification.feeds": "{names} would change with it, so no change of it alone is offered",
    "justification.given_up": "what forces it was not worked out, {why:raw}",
    "justification.holds_down": "holds down to {last}[, {amount} to lose][, {days:day/days} to lose], and below it {ending:raw}",
    "justification.holds_from": "holds down to score {score}, {points} to lose, {places:other/others} may pass",
    "justification.holds_up": "holds up to {last}[, {amount} to spare][, {days:day/days} to spare], and above it {ending:raw}",
    "justification.missing": "open for want of {names}",
    "justification.no_match": "no tier",
    "justification.opaque": "{names} alone decides, and is computed from other facts: nothing can be said about a single change",
    "justification.out_of_scope": "out of scope",
    "justification.pin_exact": "exact pin at {tier} by {by}[ until before {until}]: no change of facts moves it within the scheme"
    "[, alone they come to {alone}]",
    "justification.pin_floor": "floor pin at {tier} by {by}[ until before {until}]: no change of facts takes it below that "
    "within the scheme[, alone they come to {alone}]",
    "justification.points": "adds {points}",
    "justification.reached_from": "{tier} from score {score} on, {points} more, past {places:other/others}",
    "justification.rise": "{ending:raw} from {value} on[, {amount} more][, {days:day/days} more]",
    "justification.sufficient": "forced, whatever the other facts are, by {facts}",
    "justification.turn": "{ending:raw} with {value}",
    "justification.undecided": "open for want of facts",
    "justification.way": "{ending:raw} when {when:raw}",
}

ENGLISH: Final = Catalogue(language="en", templates={**_PHRASES, **_VALUES, **_DECISIONS, **_JUSTIFICATIONS, **REASONS})
