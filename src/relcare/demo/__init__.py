"""A book of invented clients to try things on."""

from relcare.demo._demo import DEMO_AS_OF, demo_book

__all__ = ["DEMO_AS_OF", "demo_book"]
