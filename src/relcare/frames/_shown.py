"""What a decided frame shows of each client, under the names that people know."""

from collections.abc import Collection, Mapping, Sequence

import attrs
import narwhals.stable.v2 as nw

from relcare.errors import Problem, UnsupportedPolicyError
from relcare.frames._criteria import Layout
from relcare.frames._engine import Engine, Lazy
from relcare.frames._facts import NOTES
from relcare.frames._grades import GRADE_COLUMNS, grade_column
from relcare.frames._programmes import PROGRAMME_COLUMNS, programme_column
from relcare.frames._reader import CLIENT
from relcare.frames._schemes import SCHEME_COLUMNS, scheme_column
from relcare.frames._segments import SEGMENT_COLUMNS, segment_column
from relcare.frames._steady import STEADY_COLUMNS, is_steady
from relcare.grades import Grade
from relcare.policy import Vocabulary
from relcare.segmentation import Scheme
from relcare.segments import Segment
from relcare.vip import Programme

__all__ = ["Shown"]


@attrs.frozen(kw_only=True, eq=False)
class Shown:
    """The parts of a policy that were decided.

    Attributes:
        vocabulary: All that they mean.
        layout: The column of each fact.
        grades: In the order of the policy.
        schemes: By place.
        programmes: Likewise.
        segments: In the order of the policy.
    """

    vocabulary: Vocabulary
    layout: Layout
    grades: Sequence[Grade]
    schemes: Mapping[int, Scheme]
    programmes: Mapping[int, Programme]
    segments: Sequence[Segment]

    def of(self, frame: Lazy, engine: Engine) -> Lazy:
        """The frame under those names, with days as dates and sets as lists.

        Raises:
            UnsupportedPolicyError: If the engine takes two of the names for one.
        """
        types, there = self.vocabulary, set(frame.collect_schema())
        facts = [name for name in types if self.layout[name] in there]
        found = {"client_id": nw.col(CLIENT), **{name: nw.col(self.layout[name]) for name in facts}}
        for place, grade in enumerate(self.grades):
            found |= {f"{grade.name}.{what}": nw.col(grade_column(place, what)) for what in GRADE_COLUMNS}
        for place, scheme in self.schemes.items():
            whats = (*SCHEME_COLUMNS, *(STEADY_COLUMNS if is_steady(scheme) else ()))
            found |= {f"scheme.{scheme.id}.{what}": nw.col(scheme_column(place, what)) for what in whats}
        for place, programme in self.programmes.items():
            found |= {f"programme.{programme.id}.{what}": nw.col(programme_column(place, what)) for what in PROGRAMME_COLUMNS}
        for place, segment in enumerate(self.segments):
            found |= {f"segment.{segment.id}.{what}": nw.col(segment_column(place, what)) for what in SEGMENT_COLUMNS}
        found[NOTES] = nw.col(NOTES)
        if not engine.tells_case:
            _refuse_alike(found, engine.title)
        dates = [name for name in facts if types[name].kind == "date"]
        dates += [f"{grade.name}.last" for grade in self.grades if types[grade.fact].kind == "date"]
        sets = [name for name in facts if types[name].kind == "set"]
        return engine.with_lists(engine.with_dates(frame.select(**found), dates), sets)


def _refuse_alike(names: Collection[str], engine: str) -> None:
    """Some engines take names that differ in case alone for one."""
    seen: dict[str, str] = {}
    problems: list[Problem] = []
    for name in names:
        other = seen.setdefault(name.lower(), name)
        if other != name:
            problems.append(
                Problem(
                    file="<policy>",
                    path=name,
                    message=f"is {other!r} to {engine}, which does not tell upper from lower case",
                    hint="rename one, or use polars",
                )
            )
    if problems:
        raise UnsupportedPolicyError(problems)
