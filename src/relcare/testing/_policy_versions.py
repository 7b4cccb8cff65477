"""Documents that are versions of one policy, as one test: never two in force on a day, and no day between them without one."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from pathlib import Path

import attrs

from relcare.codec import PolicyDocument, loads_policy_document, read_text
from relcare.errors import PolicyDocumentError
from relcare.soundness import prove_versions

__all__ = ["Documents", "read_document", "wrong_in_versions"]


def read_document(path: Path, here: Path) -> PolicyDocument:
    """The document at a path, which messages name as it is seen from a folder.

    Raises:
        PolicyDocumentError: With every mistake.
    """
    shown = path.relative_to(here) if path.is_relative_to(here) else path
    text = read_text(path, error=PolicyDocumentError)
    return loads_policy_document(text, file=str(shown), syntax="json" if path.suffix == ".json" else "toml")


def _to_paths(values: Iterable[Path]) -> tuple[Path, ...]:
    return tuple(sorted(values))


@attrs.frozen
class Documents:
    """The documents of a run, read when they are first asked about each other.

    Attributes:
        paths: Where they are.
        here: From where messages name them.
    """

    paths: tuple[Path, ...] = attrs.field(converter=_to_paths)
    here: Path

    @cached_property
    def _read(self) -> Mapping[Path, PolicyDocument]:
        """Those that can be read: the others have a test of their own that fails."""
        found: dict[Path, PolicyDocument] = {}
        for path in self.paths:
            try:
                found[path] = read_document(path, self.here)
            except PolicyDocumentError:
                continue
        return found

    def led_by(self, path: Path, policy_id: str) -> tuple[PolicyDocument, ...]:
        """All versions of a policy, if this document is the first of several, else none: each policy is asked about once."""
        if len(self.paths) < 2:
            return ()
        versions = {one: document for one, document in self._read.items() if document.policy.id == policy_id}
        return tuple(versions.values()) if len(versions) > 1 and next(iter(versions)) == path else ()


def wrong_in_versions(documents: Sequence[PolicyDocument]) -> str:
    """What is wrong with the effective dates, each with the places of both versions; empty where nothing is."""
    places = {f"documents[{index}]": document.place_of("policy.effective_from") for index, document in enumerate(documents)}
    findings = prove_versions([document.policy for document in documents])
    return "\n".join(finding.text(lambda place: places.get(place, place)) for finding in findings if finding.is_open)
