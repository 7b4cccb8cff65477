"""The English words of reasons, by their codes."""

from typing import Final

__all__ = ["REASONS"]

REASONS: Final = {
    "access.failed": "it was decided about and then failed, and nothing was told or done",
    "access.grant_differs": "grant {grant} is for something else, by its {differs}",
    "access.granted": "grant {grant}, approved by {by}, holds until before {until}",
    "access.hidden": "{fields} stay hidden",
    "access.illegal_step": "the step may not follow those before it, or not be taken by them",
    "access.inactive": "the account of {principal} is closed",
    "access.needs_approval": "rule {rule} would let them, with the approval of somebody else",
    "access.no_case": "there is no such grant, change or delegation for them",
    "access.no_client": "there is no such client",
    "access.no_rule": "no rule lets them {action} for {purpose} on {medium}",
    "access.nobody": "nobody is known to ask",
    "access.not_to_know": "there is such a client, and it is not theirs to know as {relations}",
    "access.purpose_unknown": "{purpose} is no purpose that the rules know",
    "access.rule": "rule {rule} lets them[, source {source}]",
    "access.unknown_record": "whoever asks knows of no client {client}",
    "book.credit": "purchase {id} is a credit of {value} that names no purchase",
    "book.over_returned": "of purchase {id} more came back than it was, {value}",
    "book.unknown_absentee": "{value}, who is away, is not among the staff",
    "book.unknown_deputy": "{value}, who stands in for {id}, is not among the staff",
    "book.unknown_owner": "the owner of client {id}, {value}, is not among the staff",
    "book.unknown_person": "{kind} {id} is of {value}, who is not among the people at the client",
    "book.unknown_staff": "{kind} {id} is of {value}, who is not among the staff",
    "cadence.in_lieu": "the {channel} was logged in lieu of the {instead_of}",
    "cadence.last_contact": "last contact[ {touchpoint}] on {on}[ by {channel}], and the next is due {interval} later",
    "cadence.merged": "rule {rule} governs, and the same contact serves {also}",
    "cadence.triggered": "it answers {kind} {event} on {on}, within {within}",
    "cadence.quota": "contact {ordinal} of {times} in the {period} from {from}",
    "cadence.redated": (
        "the tier changed from {from} to {to} on {since}, spread by {spread} days, so that it is not due on {instead_of} already"
    ),
    "cadence.minimum": "the rule allows no interval below {minimum}, so that {instead_of} does not apply",
    "cadence.never_contacted": "no contact that counts so far[, so the first is due {interval} after {on}, {since}]",
    "cadence.occurrence": "occurrence {occurrence}, counted from {anchor}[, falls on {on}]",
    "cadence.rolled": "moved from {from} to {to}, the {roll} business day of calendar {calendar}",
    "cadence.rule": (
        "rule {rule} asks for contact by {channel}[ every {interval}][ while {when:raw}][ ({facts})][, source {source}]"
    ),
    "cadence.satisfied_by": "the {channel} counts for the {instead_of}",
    "cadence.strategy_interval": "the strategy for type {type} asks for {interval} instead of {instead_of}",
    "cadence.undecided": "rule {rule} asks only while {when:raw}, which is unknown[ ({facts})]",
    "calendar.not_published": "calendar {calendar} is not published up to {on}, so its business days there are not known",
    "change.applied": "change {change} was applied",
    "change.approved": "change {change} was approved",
    "change.outdated": "what change {change} is about was changed since it was proposed",
    "change.proposed": "change {change} was proposed",
    "change.refused": "change {change} was refused",
    "change.withdrawn": "change {change} was withdrawn",
    "claim.daily_limit": "{staff} has claimed {count:client/clients} on the day, and {most} are the most",
    "claim.free": "it is in the pool[ since {since}]",
    "claim.full": "{staff} holds {count:client/clients} under limit {limit}, and {most} are the most[ ({facts})]",
    "claim.locked_out": "{staff} had it until before {lost_on}, and may not have it back for {lock_out}, until before {until}",
    "claim.may_be_full": "unknown whether limit {limit} lets {staff} hold one more, with {count} of at most {most}[ ({facts})]",
    "claim.owned": "{owner} has it",
    "claim.protected": "protection {protection} keeps it from being claimed[ until before {until}][ ({facts})]",
    "claim.since_unknown": "since when it is in the pool is not known, and new clients wait {delay}",
    "claim.too_new": "it is new in the pool, and new clients wait {delay}, until before {until}",
    "claim.unsure": "unknown whether protection {protection} keeps it from being claimed[ until before {until}][ ({facts})]",
    "delegation.ended": "delegation {delegation} was ended",
    "delegation.given": "delegation {delegation} was given",
    "fact.out_of_bounds": "{fact} is out of bounds[ with {value}] and counts as missing",
    "grant.approved": "grant {grant} was approved",
    "grant.refused": "grant {grant} was refused",
    "grant.requested": "grant {grant} was asked for",
    "grant.revoked": "grant {grant} was revoked",
    "grant.withdrawn": "grant {grant} was withdrawn",
    "holding.counted": (
        "{owner} holds {count:client/clients} of at most {most} under limit {limit}[ while {when:raw}][ and not {exempt:raw}]"
        "[, with {open} more that may count][, source {source}]"
    ),
    "grade.missing": "no grade in {grade}, for want of {missing}",
    "grade.needs_book": "grade {grade} is known only among the clients of a whole book",
    "grade.out_of_scope": "outside the scope of grade {grade}, which is {scope:raw}[ ({facts})]",
    "grade.placed": "[rank {rank} of {count} in ]{grade}[ ({facts})] makes it {part} of {parts}[, which ends at {last}]",
    "grade.scope_unknown": "unknown whether grade {grade} ranks it, {scope:raw}[ ({facts})]",
    "grade.tie": "{equals:client has/clients share} the value at a cut of grade {grade}, and {ties}",
    "membership.applied": "applied for programme {programme} on {since}, taken in by {by}[: {why}][; still missing: {missing}]",
    "membership.approved": "approved for programme {programme} by {by} on {since}[: {why}], not begun[; missing: {missing}]",
    "membership.illegal": "the steps in programme {programme} count up to {place:raw}, which is {value:raw} and {rule:raw}",
    "membership.lapsed": "the membership of programme {programme} lapsed on {since}",
    "membership.member": "member of programme {programme}[ at level {level}] since {since}[; to stay it takes: {missing}]",
    "membership.next": "next in programme {programme}: {next}[ on {on}]",
    "membership.nominated": "nominated for programme {programme} on {since} by {by}[: {why}][; still missing: {missing}]",
    "membership.none": "no membership in programme {programme}",
    "membership.refused": "refused for programme {programme} by {by} on {since}[: {why}]",
    "membership.revoked": "the membership of programme {programme} was revoked by {by} on {since}[: {why}]",
    "neglect.held_back": "{action} is held back by protection {protection}[ until before {until}][ ({facts})]",
    "neglect.ladder": "ladder {ladder} applies[ while {when:raw}][ ({facts})][, source {source}]",
    "neglect.no_head": "the head of {owner} is not known, so that only the owner is told",
    "neglect.quiet": "{days:day/days} without contact since {on}, {since}[, {touchpoint}]",
    "neglect.rung": "{action} after {after}, on {on}",
    "neglect.undecided": "ladder {ladder} applies only while {when:raw}, which is unknown[ ({facts})]",
    "neglect.unsure": (
        "{action} is held back while it is unknown whether protection {protection} holds[ until before {until}][ ({facts})]"
    ),
    "permission.beyond_horizon": "no allowed time was found within {days:day/days}",
    "permission.cap": (
        "{limit:contact/contacts} per {per}[ by {channels}] are the most allowed, and there were {count}[, law {law}]"
    ),
    "permission.consent_expired": "consent {consent} of {since} ended on {ended_on}[, law {law}]",
    "permission.consent_given": (
        "consent {consent} of {since} is in force[, source {source}][, not confirmed anew since {unconfirmed_since}][, law {law}]"
    ),
    "permission.consent_lapsed": (
        "consent {consent} of {since} was not confirmed anew within {reconfirm} and lapsed on {lapsed_on}[, law {law}]"
    ),
    "permission.consent_missing": "there is no consent to contact by {channel}[ for {purpose}][, law {law}]",
    "permission.gap": "less than {minimum} have passed since the last contact[ by {channels}], {last:raw}[, law {law}]",
    "permission.holiday": "{on} is a public holiday of calendar {calendar}[, law {law}]",
    "permission.hours": "at {local:raw} in {zone} it is outside what is allowed, {opening} {hours}[, law {law}]",
    "permission.law_stale": "the law was looked up on {as_of}, more than a year before, for {rows}",
    "permission.refused": (
        "contact[ by {channel}][ for {purpose}][ with {person}] is refused since {since}"
        "[ until before {until}] by {consent}[, source {source}]"
    ),
    "permission.requested": "the client asked for it, {purpose}",
    "permission.rotation": "the last {most:contact/contacts} were all by {channel}[, law {law}]",
    "permission.soft_opt_in": (
        "the client dealt with us on {deal_on}, which serves as consent for goods of the same kind, limit {limit}[, law {law}]"
    ),
    "permission.stopped": (
        "stopped after {refusals:refusal/refusals}[ by {channels}] on {since}[ until before {until}][, law {law}]"
    ),
    "permission.zone_unknown": "where the client is is not known, so it must be allowed in {zones}",
    "plan.appointment": "appointment {appointment} is made for {on}",
    "plan.away": "{staff} is away on {on}",
    "plan.closed_day": "{on} is no business day of calendar {calendar}",
    "plan.confirmed": "appointment {appointment} is confirmed for {on} and stays",
    "plan.deputy": "{deputy} stands in for {absent} on {on}",
    "plan.full": "{on} has no {minutes:minute/minutes} left",
    "plan.grace": "it was due on {due} and has until {latest}",
    "plan.kept": "it was planned for {on} before and stays",
    "plan.late": "nothing was free by {latest}, so {on} is late by {days:day/days}",
    "plan.later": "it is due on {due}, and the plan ends on {until}[; appointment on {appointment}]",
    "plan.no_day": "no day from {from} until {until} is allowed",
    "plan.no_room": "no allowed day from {from} until {until} has {minutes:minute/minutes} left",
    "plan.nobody": "there is nobody to do the work of the {role}",
    "plan.not_permitted": "the client may not be contacted on {on}",
    "plan.not_visiting": "{staff} makes no visits on such a day as {on}",
    "plan.overdue": "it was due on {due} and is late since {latest}, so {on} is for catching up",
    "plan.projected": "occurrence {nth} after the one due on {from}, every {interval}",
    "plan.replanned": "it was planned for {from} by {staff} before and moves to {on}",
    "plan.stretched": "all intervals are stretched to {percent} percent, which puts it {days:day/days} after {due}",
    "plan.too_long": "it takes {minutes:minute/minutes}, more than the {capacity} of any day",
    "plan.tour": "visits to {city} gather on {on}[ instead of {due}]",
    "retention.asked": "the client asks for {asked:raw}",
    "retention.law": "kept by law[ until before {until}]: {ground:raw}[, source {source}]",
    "retention.law_over": "the law had it kept[ until before {until}][: {ground:raw}]",
    "retention.linked": "a {kind:raw} that may still be used needs it",
    "retention.needed": "needed for {purpose}[ until before {until}][, which no request ends: {ground:raw}]",
    "retention.no_ground": "kept for long[ until before {until}], and no ground is given for a {kind:raw}",
    "retention.no_rule": "no rule says when a {kind:raw} must be erased",
    "retention.purpose_over": "no longer needed for {purpose}[ since {until}]",
    "role.absent": "{absent} is away since {since} and nobody stands in",
    "role.deputy": "{deputy} stands in for {absent}",
    "role.fallback": "nobody on the staff has the role {role}[, so it falls to the owner, {owner}]",
    "role.handed_over": "{to} has the client[ from {from}] since {since} and settles in until {until}",
    "segmentation.border": "near a border of scheme {scheme}[ ({facts})]: {fact:raw} at {at} would move it[ to tier {tier}]",
    "segment.inapplicable": "{when:raw} asks for what is never known of it, so segment {segment} leaves it out[ ({facts})]",
    "segment.member": "{when:raw} holds, which makes segment {segment}[ ({facts})]",
    "segment.out_of_scope": "outside the scope of segment {segment}, which is {scope:raw}[ ({facts})]",
    "segment.outside": "{when:raw} does not hold, which would make segment {segment}[ ({facts})]",
    "segment.placed": "in segment {segment} it is {cells}[ ({facts})]",
    "segment.scope_unknown": "unknown whether segment {segment} divides it, {scope:raw}[ ({facts})]",
    "segment.shares": "{theme} is among its {trait}[ ({facts})]",
    "segment.unknown": "unknown whether {when:raw} holds, which makes segment {segment}[ ({facts})]",
    "segment.unplaced": (
        "in no cell of segment {segment}[, for want of {missing}][, {empty} being empty]"
        "[, {inapplicable} being nothing it can have][ ({facts})]"
    ),
    "segmentation.cell": (
        "tier {tier} of scheme {scheme} in the cell of {row_fact} {row} and {column_fact} {column}[ ({facts})]"
    ),
    "segmentation.conflict": "the criteria of {met} hold together, and scheme {scheme} allows one[ ({facts})]",
    "segmentation.confirmed_part": (
        "the last {needed:review/reviews} ask for different tiers beyond {tier} of scheme {scheme}, and all of them reach {to}"
    ),
    "segmentation.group": "scheme {scheme} ranks and cuts each {by} by itself: here {group} alone counts",
    "segmentation.held_stays": "scheme {scheme} names no tier for it, so tier {tier} stays",
    "segmentation.hysteresis": (
        "a tier of scheme {scheme} is left later than entered[, within {more} more of the clients]: {tier} instead of {proposed}"
    ),
    "segmentation.kept": "too little is known for scheme {scheme}, so tier {tier} is kept[ ({facts})]",
    "segmentation.minimum_stay": (
        "tier {tier} of scheme {scheme} is kept for {stay} at least[, since {since} until before {until}], instead of {proposed}"
    ),
    "segmentation.missing": "too little is known for scheme {scheme}, and there is no tier to keep[ ({facts})]",
    "segmentation.newcomer": "too little is known for scheme {scheme}, so tier {tier} is given as to a newcomer[ ({facts})]",
    "segmentation.no_match": "no criterion of scheme {scheme} holds, and it names no other tier[ ({facts})]",
    "segmentation.one_step": "one step at a time in scheme {scheme}: from {tier} to {to} on the way to {proposed}",
    "segmentation.otherwise": "no criterion of another tier holds in scheme {scheme}, so tier {tier} is left[ ({facts})]",
    "segmentation.out_of_scope": "outside the scope of scheme {scheme}, which is {scope:raw}[ ({facts})]",
    "segmentation.pinned": (
        "[{kind:raw} ]pin[ at tier {tier}] of scheme {scheme}[ by {by}][ until before {until}][: {why}][ ({facts})]"
    ),
    "segmentation.ranked": (
        "[rank {rank} of {count} ]in scheme {scheme} with score {score}[ ({facts})]"
        "[, the border of tier {tier} being at score {border_score}[ (last id there: {border_id})]]"
    ),
    "segmentation.scope_unknown": "unknown whether scheme {scheme} applies[, so tier {tier} is kept][ ({facts})]",
    "segmentation.threshold_met": "tier {tier} of scheme {scheme} because {when:raw} holds[ ({facts})], {hit}",
    "segmentation.tie": "{equals:client has/clients share} the score at the cut below tier {cut} of scheme {scheme}, and {ties}",
    "segmentation.unconfirmed": (
        "tier {proposed} of scheme {scheme} is asked for in {count:review/reviews} in a row of {needed}, so tier {tier} stays"
    ),
    "tier.in_force": (
        "tier {in_force} of scheme {scheme} is in force since {since}[, not {tier}], until a review puts another in force"
    ),
    "tier.provisional": "tier {tier} of scheme {scheme} is provisional: computed for the day, not yet in force",
    "tier.unknown": "tier {tier} is in force, and scheme {scheme} does not know it",
    "vip.path_met": "path {path} of programme {programme} holds, {when:raw}[ ({facts})]",
    "vip.path_not_met": "path {path} of programme {programme} does not hold, {when:raw}[ ({facts})]",
    "vip.path_unknown": "path {path} of programme {programme} is unknown, {when:raw}[ ({facts})]",
}
