"""Decisions on a terminal: values in, rich renderables out. Needs the extra `cli`.

Everything is laid out for 80 columns, measured in cells, so that Chinese, Korean and Latin names line up. Texts of a book or a
policy are shown as they are and never read as markup; what could steer a terminal is taken out.
"""

from relcare.report import _extra as _extra  # first: it names the extra where a tool is missing

# isort: split
from relcare.report._attainment import attainment_pages
from relcare.report._boards import board_pages, due_listing, undecided_listing
from relcare.report._capacity import capacity_pages
from relcare.report._client import client_pages
from relcare.report._decisions import tiers_listing, vip_listing
from relcare.report._listing import Column, Listing, Row
from relcare.report._names import Names, names_of
from relcare.report._neglect import holdings_listing, neglect_listing
from relcare.report._permission import permission_lines
from relcare.report._plan import plan_pages
from relcare.report._portfolio import portfolio_listings, referrals_listing
from relcare.report._progress import reading_bar, working
from relcare.report._relationships import relationship_pages
from relcare.report._review import (
    history_listings,
    kept_review_listings,
    rerun_listing,
    review_listings,
    reviews_listing,
    simulations_listing,
)
from relcare.report._roll import roll_listings
from relcare.report._segments import common_listing, invitation_listings, segment_listings, segments_listing
from relcare.report._text import count_of, plain

__all__ = [
    "Column",
    "Listing",
    "Names",
    "Row",
    "attainment_pages",
    "board_pages",
    "capacity_pages",
    "client_pages",
    "common_listing",
    "count_of",
    "due_listing",
    "history_listings",
    "holdings_listing",
    "invitation_listings",
    "kept_review_listings",
    "names_of",
    "neglect_listing",
    "permission_lines",
    "plain",
    "plan_pages",
    "portfolio_listings",
    "reading_bar",
    "referrals_listing",
    "relationship_pages",
    "rerun_listing",
    "review_listings",
    "reviews_listing",
    "roll_listings",
    "segment_listings",
    "segments_listing",
    "simulations_listing",
    "tiers_listing",
    "undecided_listing",
    "vip_listing",
    "working",
]
