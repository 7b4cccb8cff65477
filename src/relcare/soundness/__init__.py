"""Whether a policy holds together: proved, refuted with a witness, or undecided.

This room has its first questions; those about documents, feasibility and differences come with the next release.
"""

from relcare.soundness._findings import CODES, Finding, Outcome, ProofReport, Severity, Witness
from relcare.soundness._prove import prove

__all__ = ["CODES", "Finding", "Outcome", "ProofReport", "Severity", "Witness", "prove"]
