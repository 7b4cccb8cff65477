"""The policy as one value, and its decisions for facts, one client, or a book."""

from relcare.decisions._check import CheckReport, ExampleFailure
from relcare.decisions._examples import Example, ExpectValue
from relcare.decisions._policy import Policy, ProgrammeView, path_text
from relcare.decisions._problems import PolicyParts, find_problems
from relcare.decisions._results import BookResult, ClientResult, FactsResult
from relcare.decisions._vocabularies import Vocabularies, vocabularies_of

__all__ = [
    "BookResult",
    "CheckReport",
    "ClientResult",
    "Example",
    "ExampleFailure",
    "ExpectValue",
    "FactsResult",
    "Policy",
    "PolicyParts",
    "ProgrammeView",
    "Vocabularies",
    "find_problems",
    "path_text",
    "vocabularies_of",
]
