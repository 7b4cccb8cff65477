"""From the log to rows of facts, exact and in one pass."""

from relcare.facts._book_facts import BookFacts
from relcare.facts._events import DEFAULT_COUNTS, EVENT_VOCABULARY, EventFilter, event_filter
from relcare.facts._history import ClientHistory, as_day, histories_of, history_of
from relcare.facts._reader import FactReader, FactSource, client_facts
from relcare.facts._series import Series, window_exit, window_start

__all__ = [
    "DEFAULT_COUNTS",
    "EVENT_VOCABULARY",
    "BookFacts",
    "ClientHistory",
    "EventFilter",
    "FactReader",
    "FactSource",
    "Series",
    "as_day",
    "client_facts",
    "event_filter",
    "histories_of",
    "history_of",
    "window_exit",
    "window_start",
]
