"""What is owed, seen from a desk: boards (PLN-7), agendas (PLN-2 to PLN-6), demand (PLN-1), and what came of it (CAD-14)."""

from relcare.planning._agenda import CHANGE_KINDS, OVERLOADS, Agenda, Change, ChangeKind, Overload
from relcare.planning._agenda_entries import DayLoad, Slot, StaffPlan, Unplanned
from relcare.planning._attainment import attainment
from relcare.planning._attainment_report import GROUPINGS, Attainment, Grouping
from relcare.planning._attainment_score import Score
from relcare.planning._attainment_values import (
    CAUSES,
    RESULTS,
    Cause,
    Expectation,
    LastContact,
    Lateness,
    Outcome,
    Result,
    Slice,
)
from relcare.planning._board import Board, BoardSection, SectionId, board
from relcare.planning._book_demand import capacity_of, demand_of
from relcare.planning._book_demand_values import DEMAND_GROUPINGS, BookDemand, DemandGrouping, MemberDemand
from relcare.planning._booking import appointment_of
from relcare.planning._capacity import WEEKDAYS, Capacity
from relcare.planning._cities import CityCriterion, RankedCity, clients_by_city, key_cities
from relcare.planning._demand import Demand, RoleDemand, demand
from relcare.planning._handover import HandoverNote, handover_note, relieved, transfer
from relcare.planning._plan import plan
from relcare.planning._plan_book import cities_of, plan_book, project
from relcare.planning._tours import Tour, Tours, tours_of
from relcare.planning._weights import Weights

__all__ = [
    "CAUSES",
    "CHANGE_KINDS",
    "DEMAND_GROUPINGS",
    "GROUPINGS",
    "OVERLOADS",
    "RESULTS",
    "WEEKDAYS",
    "Agenda",
    "Attainment",
    "Board",
    "BoardSection",
    "BookDemand",
    "Capacity",
    "Cause",
    "Change",
    "ChangeKind",
    "CityCriterion",
    "DayLoad",
    "Demand",
    "DemandGrouping",
    "Expectation",
    "Grouping",
    "HandoverNote",
    "LastContact",
    "Lateness",
    "MemberDemand",
    "Outcome",
    "Overload",
    "RankedCity",
    "Result",
    "RoleDemand",
    "Score",
    "SectionId",
    "Slice",
    "Slot",
    "StaffPlan",
    "Tour",
    "Tours",
    "Unplanned",
    "Weights",
    "appointment_of",
    "attainment",
    "board",
    "capacity_of",
    "cities_of",
    "clients_by_city",
    "demand",
    "demand_of",
    "handover_note",
    "key_cities",
    "plan",
    "plan_book",
    "project",
    "relieved",
    "tours_of",
    "transfer",
]
