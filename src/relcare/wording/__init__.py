"""Why, in words: reasons and what was decided, as one line for people, from a catalogue for each language."""

from relcare.wording._catalogue import Catalogue
from relcare.wording._explain import Explainable, explain
from relcare.wording._justification import explain_justification, explain_lever
from relcare.wording._languages import CATALOGUES, catalogue
from relcare.wording._sentences import explain_reason, reasons_in_words

__all__ = [
    "CATALOGUES",
    "Catalogue",
    "Explainable",
    "catalogue",
    "explain",
    "explain_justification",
    "explain_lever",
    "explain_reason",
    "reasons_in_words",
]
