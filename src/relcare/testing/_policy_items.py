"""A policy document as tests: that it can be read, each worked example, each question of soundness."""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from functools import partial
from pathlib import Path
from typing import Self

import attrs
import pytest

from relcare.codec import PolicyDocument
from relcare.errors import PolicyDocumentError
from relcare.soundness import Finding, prove
from relcare.testing._policy_versions import Documents, read_document, wrong_in_versions

__all__ = ["PolicyFile", "PolicyItem"]


class PolicyItem(pytest.Item):
    """One test of a policy document.

    Attributes:
        look: Gives what is wrong, as it is shown; nothing where nothing is.
        line: Where in the document, from 1.
    """

    look: Callable[[], str]
    line: int

    @classmethod
    def of(cls, parent: "PolicyFile", name: str, look: Callable[[], str], line: int) -> Self:
        """The test with this name."""
        item: Self = cls.from_parent(parent, name=name)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open
        item.look, item.line = look, line
        return item

    def runtest(self) -> None:
        """Fails where something is wrong, with nothing but the text about it."""
        wrong = self.look()
        if wrong:
            pytest.fail(wrong, pytrace=False)

    def reportinfo(self) -> tuple[Path, int, str]:
        """The place in the document, with the line from 0."""
        return self.path, self.line - 1, self.name


class PolicyFile(pytest.File):
    """A policy document.

    Attributes:
        as_of: The day on which accepted findings are looked at.
        documents: All documents of the run, which may be versions of each other.
    """

    as_of: date
    documents: Documents

    @classmethod
    def of(cls, parent: pytest.Collector, path: Path, as_of: date, documents: Documents) -> Self:
        """The collector of a document."""
        made: Self = cls.from_parent(parent, path=path)  # pyright: ignore[reportUnknownMemberType] - pytest leaves it open
        made.as_of, made.documents = as_of, documents
        return made

    def collect(self) -> Iterator[PolicyItem]:
        """`document`; `examples[0]` and so on; each question with its subject (`total[segmentation[0]]`); `versions[id]`."""
        try:
            document = read_document(self.path, self.config.invocation_params.dir)
        except PolicyDocumentError as error:
            # Every mistake with file, line and column; without a policy there is nothing else to ask.
            yield PolicyItem.of(self, "document", partial(str, error), error.problems[0].line or 1)
            return
        yield PolicyItem.of(self, "document", str, 1)
        for index in range(len(document.policy.examples)):
            name = f"examples[{index}]"
            yield PolicyItem.of(self, name, partial(_wrong_in_example, document, index), document.line_of(name))
        yield from self._questions(document)
        policy_id = document.policy.id
        versions = self.documents.led_by(self.path, policy_id)
        if versions:
            line = document.line_of("policy.effective_from")
            yield PolicyItem.of(self, f"versions[{policy_id}]", partial(wrong_in_versions, versions), line)

    def _questions(self, document: PolicyDocument) -> Iterator[PolicyItem]:
        """One test for all answers to a question about a subject; how many there are is known only when they are answered."""
        asked: dict[tuple[str, str], list[Finding]] = {}
        for finding in prove(document.policy, as_of=self.as_of).findings:
            asked.setdefault((finding.subject, finding.question), []).append(finding)
        for (subject, question), findings in asked.items():
            look = partial(_wrong_in_answers, document, findings)
            item = PolicyItem.of(self, f"{question}[{subject}]", look, document.line_of(subject))
            mark = _mark_of(document, findings)
            if mark is not None:
                item.add_marker(mark)
            yield item


def _wrong_in_example(document: PolicyDocument, index: int) -> str:
    place = document.place_of(f"examples[{index}]")
    alone = attrs.evolve(document.policy, examples=[document.policy.examples[index]])
    return "\n".join(f"{place}: {attrs.evolve(failure, index=index)}" for failure in alone.check().failures)


def _wrong_in_answers(document: PolicyDocument, findings: Sequence[Finding]) -> str:
    """What must be dealt with; where that is nothing, what the firm has accepted."""
    shown = [finding for finding in findings if finding.is_open] or [f for f in findings if f.accepted is not None]
    return "\n".join(finding.text(document.place_of) for finding in shown)


def _mark_of(document: PolicyDocument, findings: Sequence[Finding]) -> pytest.MarkDecorator | None:
    """Accepted refutations are expected to fail, with the firm's reason; what is undecided is skipped, with the prover's."""
    if any(finding.is_open for finding in findings):
        return None
    accepted = [finding.accepted for finding in findings if finding.accepted is not None]
    if accepted:
        return pytest.mark.xfail(reason=f"accepted: {'; '.join(dict.fromkeys(accepted))}")
    undecided = [finding.text(document.place_of) for finding in findings if finding.outcome == "undecided"]
    return pytest.mark.skip(reason="; ".join(undecided)) if undecided else None
