"""What is wrong with the files that keep reviews is told with its place."""

from datetime import date
from pathlib import Path

import pytest

from relcare.errors import BookDocumentError, InvalidValueError
from relcare.formats import read_reviews, write_book
from relcare.model import Book, Review

FILES = {
    "book.toml": 'format = 1\nzone = "Asia/Seoul"\n',
    "reviews.csv": "review_id,policy_id,policy_version,on,decided_by,decided_at,in_force_from\n"
    "r-1,house,1,2026-03-02,zhou,2026-03-04T10:00,2026-04-01\nr-2,house,1,2026-04-01,,,\n",
    "review_rows.csv": "review_id,client_id,scheme_id,tier,reasons\nr-1,c-1,abc,A,\n",
    "review_borders.csv": "review_id,number,scheme_id,tier\nr-1,1,abc,A\n",
    "review_equals.csv": "review_id,number,client_id\nr-1,1,c-1\n",
    "review_challenges.csv": "review_id,client_id,scheme_id,tier,reason,by,at,state\n"
    "r-1,c-1,abc,B,why,lee,2026-03-03T09:00,upheld\n",
}


@pytest.mark.parametrize(
    ("file", "old", "new", "place", "message"),
    [
        ("reviews.csv", "r-2,", "r-1,", "3:1", "must be unique"),
        ("reviews.csv", ",zhou,", ",,", "2:", "must be given with the rest of the decision"),
        ("reviews.csv", "2026-04-01\nr-2", "2026-03-03\nr-2", "2:46", "must not be before 2026-03-04"),
        ("review_rows.csv", "r-1,", "r-l,", "2:1", "must name a review in reviews.csv"),
        ("review_rows.csv", "A,\n", "A,\nr-1,c-1,abc,B,\n", "3:5", "the row of the client is in line 2"),
        ("review_rows.csv", "A,\n", "A,0.5\n", "2:15", "must be reasons in JSON"),
        ("review_rows.csv", "c-1", "", "2:5", "must not be empty"),
        ("review_borders.csv", "r-1,1", "r-1,0", "2:5", "must be a whole number from 1"),
        ("review_borders.csv", "A\n", "A\nr-1,1,abc,B\n", "3:5", "the border of the review is in line 2"),
        ("review_equals.csv", "r-1,1", "r-1,2", "2:5", "must be the number of a border"),
        ("review_challenges.csv", "c-1", "c-2", "2:5", "must have a row in the review and scheme"),
        ("review_challenges.csv", "upheld", "open", "2:40", "must be open until the review is decided"),
        ("review_challenges.csv", "r-1", "r-2", "2:5", "must have a row in the review and scheme"),
        ("review_challenges.csv", "2026-03-03T09:00", "2026-03-03", "2:23", "must be a time"),
    ],
)
def test_every_mistake_has_its_place(tmp_path: Path, file: str, old: str, new: str, place: str, message: str) -> None:
    for name, text in FILES.items():
        (tmp_path / name).write_text(text.replace(old, new, 1) if name == file else text, encoding="utf-8")
    with pytest.raises(BookDocumentError) as caught:
        read_reviews(tmp_path)
    told = [str(problem) for problem in caught.value.problems]
    assert any(f"{file}:{place}" in one and message in one for one in told), told


def test_a_folder_without_them_keeps_none(tmp_path: Path) -> None:
    write_book(Book(), tmp_path)
    assert read_reviews(tmp_path) == ()


def test_reviews_of_another_zone_or_twice_are_not_written(tmp_path: Path) -> None:
    review = Review(id="r", policy_id="house", policy_version="1", on=date(2026, 3, 2), zone="Asia/Seoul")
    with pytest.raises(InvalidValueError, match=r"reviews\[0\]\.zone"):
        write_book(Book(), tmp_path, reviews=[review])
    with pytest.raises(InvalidValueError, match=r"reviews\[1\]\.id"):
        write_book(Book(zone="Asia/Seoul"), tmp_path, reviews=[review, review])
    assert list(tmp_path.iterdir()) == []
