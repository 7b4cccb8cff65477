"""Reviews in the folder of a book: written and read again, and whatever the files hold (SEG-11)."""

from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

from hypothesis import given
from hypothesis import strategies as st

from relcare.errors import BookDocumentError
from relcare.formats import read_book, read_reviews, write_book
from relcare.model import Book, Review
from relcare.testing import reviews

HEAD = b'format = 1\nzone = "Asia/Seoul"\n'
FILES: Mapping[str, bytes] = {
    "reviews.csv": b"review_id,policy_id,policy_version,on,decided_by,decided_at,in_force_from\n"
    b"r-1,house,1,2026-03-02,zhou,2026-03-04T10:00,2026-04-01\nr-2,house,1,2026-04-01,,,\n",
    "review_rows.csv": b"review_id,client_id,scheme_id,before,since_on,tier,score,rank,is_border,reasons\n"
    b'r-1,c-1,abc,B,2026-01-01,A,12.5,1,true,"[{""code"":""x"",""facts"":{},""values"":{}}]"\nr-2,c-1,abc,,,A,,,,\n',
    "review_borders.csv": b"review_id,number,scheme_id,tier,score,is_unequal\nr-1,2,abc,B,,\nr-1,1,abc,A,12.5,true\n",
    "review_equals.csv": b"review_id,number,client_id\nr-1,1,c-1\nr-1,1,c-2\n",
    "review_challenges.csv": b"review_id,client_id,scheme_id,tier,reason,by,at,state\n"
    b"r-1,c-1,abc,B,why not,lee,2026-03-03 09:00,upheld\n",
}
PIECES = (b",", b'"', b"\n", b"\0", b"\xff", b"9" * 40, b"r-1", b"c-1", b"open", b"true", b"[]", b"{}", b"1")


def by_day(found: list[Review]) -> tuple[Review, ...]:
    return tuple(sorted(found, key=lambda review: (review.on, review.id)))


def read(files: Mapping[str, bytes]) -> tuple[Review, ...]:
    with TemporaryDirectory() as name:
        folder = Path(name)
        for file, raw in {"book.toml": HEAD, **files}.items():
            (folder / file).write_bytes(raw)
        return read_reviews(folder)


class TestSeg11:
    """SEG-11 The decided review keeps its fact rows, borders and policy version, so that a rerun gives what was right then."""

    @given(st.lists(reviews(), max_size=3, unique_by=lambda review: review.id))
    def test_written_reviews_are_read_as_the_same_reviews(self, made: list[Review]) -> None:
        with TemporaryDirectory() as folder:
            write_book(Book(), folder, reviews=made)
            assert read_book(folder) == Book()
            found = read_reviews(folder)
        assert found == by_day(made)
        for one, other in zip(found, by_day(made), strict=True):
            told = [[sorted(reason.values.items()) for reason in row.reasons] for row in one.rows]
            kept = [[sorted(reason.values.items()) for reason in row.reasons] for row in other.rows]
            assert repr(told) == repr(kept)  # equal values of equal types

    def test_a_folder_written_by_hand_is_read(self) -> None:
        first, second = read(FILES)
        assert (first.id, second.id, second.decision, second.rows[0].tier) == ("r-1", "r-2", None, "A")
        assert [(border.tier, border.equal_ids) for border in first.borders] == [("A", ("c-1", "c-2")), ("B", ())]
        assert first.tier_of(first.rows[0]) == "B"
        assert first.decision is not None
        assert first.decision.at.isoformat() == "2026-03-04T10:00:00+09:00"

    @given(
        st.lists(
            st.tuples(st.sampled_from(sorted(FILES)), st.integers(0, 200), st.integers(0, 12), st.sampled_from(PIECES)),
            min_size=1,
            max_size=3,
        )
    )
    def test_changed_bytes_give_reviews_or_a_list_of_problems(self, changes: list[tuple[str, int, int, bytes]]) -> None:
        files = dict(FILES)
        for file, at, length, piece in changes:
            start = at % (len(files[file]) + 1)
            files[file] = files[file][:start] + piece + files[file][start + length :]
        try:
            read(files)
        except BookDocumentError as fault:
            for problem in fault.problems:
                assert Path(problem.file).name in files
                assert problem.line is None or problem.line >= 1
