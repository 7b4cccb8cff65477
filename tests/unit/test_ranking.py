import random
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from relcare.ranking import TIE_RULES, Border, Ranking, TieRule, rank, rank_columns

SCORES = {"d": 7, "a": 9, "c": 7, "b": 7, "e": 1}


def placed(ranking: Ranking) -> dict[str, int | None]:
    return {member: ranking.place(member) for member in sorted(ranking.scores)}


def places(scores: Sequence[int], at: Sequence[int], ties: TieRule) -> list[int | None]:
    """The place of each score in order, the ids being letters in the order given."""
    ranking = rank(dict(zip("abcdefgh", scores, strict=False)), at, ties)
    assert list(ranking.places()) == list(ranking.scores)
    assert all(ranking.place(member) == place for member, place in ranking.places().items())
    return list(ranking.places().values())


class TestRank:
    """SEG-3: rank is score descending, then client id by code point."""

    def test_the_higher_score_goes_first_then_the_lower_id(self) -> None:
        ranking = rank(SCORES, [])
        assert {member: ranking.rank_of(member) for member in SCORES} == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5}

    def test_ids_compare_by_code_point_not_by_number_or_alphabet(self) -> None:
        ids = ["c-10", "c-2", "C-1", "é", "z", "가", "\U0001f600", "e\u0301"]
        ranking = rank(dict.fromkeys(ids, 0), [])
        assert sorted(ids, key=ranking.rank_of) == sorted(ids) == ["C-1", "c-10", "c-2", "e\u0301", "z", "é", "가", "\U0001f600"]

    def test_scores_may_be_below_zero_and_very_large(self) -> None:
        ranking = rank({"a": -(10**30), "b": 0, "c": 10**30, "d": -1}, [2])
        assert [ranking.rank_of(member) for member in "abcd"] == [4, 2, 1, 3]
        assert placed(ranking) == {"a": None, "b": 0, "c": 0, "d": None}

    def test_threads_that_ask_at_the_same_time_get_the_same(self) -> None:
        scores = {f"c-{n:05}": n % 7 for n in range(5_000)}
        ranking = rank(scores, [])
        asked = ["c-00000", "c-04999", "c-02500", "c-00006"] * 8
        with ThreadPoolExecutor(8) as threads:
            found = list(threads.map(ranking.rank_of, asked))
        order = sorted(scores, key=lambda member: (-scores[member], member))
        assert found == [order.index(member) + 1 for member in asked]


class TestBorders:
    """SEG-3: ties at a cut, declared: by id; together upward (the best tier any member reaches); together downward."""

    def test_a_border_is_the_last_key_that_is_in(self) -> None:
        ranking = rank(SCORES, [1, 3, 5])
        assert ranking.borders == (Border(9, None), Border(7, "c"), Border(1, None))
        assert placed(ranking) == {"a": 0, "b": 1, "c": 1, "d": 2, "e": 2}

    def test_a_border_includes_its_own_key_and_no_key_below(self) -> None:
        border = Border(7, "c")
        assert border.includes(7, "c")
        assert border.includes(7, "b")
        assert not border.includes(7, "d")
        assert border.includes(8, "z")
        assert not border.includes(6, "a")
        assert Border(7, None).includes(7, "\U0010ffff")
        assert not Border(7, None).includes(6, "a")

    def test_a_cut_of_zero_lets_nobody_in(self) -> None:
        ranking = rank(SCORES, [0, 5])
        assert ranking.borders == (None, Border(1, None))
        assert set(placed(ranking).values()) == {1}

    def test_a_cut_of_all_lets_everybody_in_however_ties_are_settled(self) -> None:
        for ties in TIE_RULES:
            assert set(placed(rank(dict.fromkeys("abc", 4), [3], ties)).values()) == {0}

    def test_without_members_there_is_nothing_to_rank(self) -> None:
        ranking = rank({}, [0, 0, 0])
        assert ranking.places() == {}
        assert ranking.borders == (None, None, None)
        assert ranking.ties == ((), (), ())

    @pytest.mark.parametrize(
        ("ties", "scores", "at", "expected"),
        [
            ("by id", [9, 5, 5, 5, 1], [2, 5], [0, 0, 1, 1, 1]),
            ("together upward", [9, 5, 5, 5, 1], [2, 5], [0, 0, 0, 0, 1]),
            ("together downward", [9, 5, 5, 5, 1], [2, 5], [0, 1, 1, 1, 1]),
            # A group that spans two cuts reaches the best or the worst of three places.
            ("by id", [9, 5, 5, 5, 1], [2, 3, 5], [0, 0, 1, 2, 2]),
            ("together upward", [9, 5, 5, 5, 1], [2, 3, 5], [0, 0, 0, 0, 2]),
            ("together downward", [9, 5, 5, 5, 1], [2, 3, 5], [0, 2, 2, 2, 2]),
            # Everybody equal.
            ("by id", [5, 5, 5], [1, 2, 3], [0, 1, 2]),
            ("together upward", [5, 5, 5], [1, 2, 3], [0, 0, 0]),
            ("together downward", [5, 5, 5], [1, 2, 3], [2, 2, 2]),
            # A group that ends at the cut is not parted by it.
            ("together upward", [5, 5, 4, 4], [2, 4], [0, 0, 1, 1]),
            ("together downward", [5, 5, 4, 4], [2, 4], [0, 0, 1, 1]),
            # A tier without a share stays empty.
            ("together downward", [9, 5, 5], [2, 2, 3], [0, 2, 2]),
            ("together upward", [9, 5, 5], [2, 2, 3], [0, 0, 0]),
            # With a cut of zero before it the group goes up to the first place that has a seat.
            ("together upward", [5, 5, 5], [0, 1, 3], [1, 1, 1]),
        ],
    )
    def test_equals_at_a_cut_go_where_the_rule_says(
        self, ties: TieRule, scores: list[int], at: list[int], expected: list[int]
    ) -> None:
        assert places(scores, at, ties) == expected

    def test_who_is_below_every_border_has_no_place(self) -> None:
        ranking = rank(SCORES, [1, 3])
        assert ranking.places() == {"d": None, "a": 0, "c": 1, "b": 1, "e": None}

    def test_the_border_of_equals_that_all_go_down_is_the_next_score_above_them(self) -> None:
        assert rank(SCORES, [3, 5], "together downward").borders == (Border(9, None), Border(1, None))
        assert rank(dict.fromkeys("abc", 4), [2, 3], "together downward").borders == (None, Border(4, None))

    def test_the_border_of_equals_that_all_go_up_is_their_own_score(self) -> None:
        assert rank(SCORES, [2, 5], "together upward").borders == (Border(7, None), Border(1, None))


class TestTies:
    """SEG-3: reported either way."""

    @pytest.mark.parametrize("ties", TIE_RULES)
    def test_equals_that_a_cut_parts_are_listed_by_code_point(self, ties: TieRule) -> None:
        assert rank(SCORES, [1, 2, 3, 4, 5], ties).ties == ((), ("b", "c", "d"), ("b", "c", "d"), (), ())

    def test_equals_on_one_side_of_every_cut_are_no_tie(self) -> None:
        assert rank(SCORES, [0, 1, 4, 5]).ties == ((), (), (), ())

    def test_the_order_in_which_members_come_does_not_matter(self) -> None:
        backwards = dict(reversed(SCORES.items()))
        assert rank(backwards, [2, 5]).ties == rank(SCORES, [2, 5]).ties
        assert rank(backwards, [2, 5]).borders == rank(SCORES, [2, 5]).borders


class TestWideScores:
    """SEG-3, where scores spread so far that they are counted in buckets."""

    SPREADS = (1, 200, 20_000, 10**6, 10**30)

    @pytest.mark.parametrize("ties", TIE_RULES)
    @pytest.mark.parametrize("spread", SPREADS)
    def test_borders_are_those_of_a_full_sort(self, spread: int, ties: TieRule) -> None:
        draw = random.Random(spread)
        scores = {f"c-{n:03}": draw.randrange(-spread, spread) // draw.choice((1, 1, spread)) for n in range(300)}
        order = sorted(scores, key=lambda member: (-scores[member], member))
        for cut in range(301):
            ranking = rank(scores, [cut], ties)
            inside = [member for member, place in ranking.places().items() if place == 0]
            last = scores[order[cut - 1]] if cut else None
            ranked = order[:cut]
            if cut not in {0, 300} and scores[order[cut]] == last:
                assert ranking.ties[0] == tuple(member for member in order if scores[member] == last)
                if ties == "together upward":
                    ranked = [member for member in order if last is not None and scores[member] >= last]
                elif ties == "together downward":
                    ranked = [member for member in order if last is not None and scores[member] > last]
            else:
                assert ranking.ties == ((),)
            assert sorted(inside) == sorted(ranked)
            assert ranking.cut_scores == (last,)

    def test_one_skewed_score_far_away_does_not_hide_the_others(self) -> None:
        scores = {"whale": 10**12, **{f"c-{n}": n for n in range(10)}}
        assert rank(scores, [2, 6]).borders == (Border(9, None), Border(5, None))


class TestLabels:
    """SEG-3: everybody gets what the first border that includes it is labelled with."""

    def test_labels_follow_the_borders_best_first(self) -> None:
        ranking = rank(SCORES, [1, 3])
        assert ranking.labelled(("A", "B"), "C") == {"d": "C", "a": "A", "c": "B", "b": "B", "e": "C"}

    def test_a_border_that_nobody_is_in_labels_nobody(self) -> None:
        assert rank(SCORES, [0, 5]).labelled(("A", "B"), "C") == dict.fromkeys(SCORES, "B")
        assert rank(dict.fromkeys("ab", 4), [1, 2], "together downward").labelled(("A", "B"), "C") == {"a": "B", "b": "B"}

    def test_columns_are_ranked_as_a_mapping_is(self) -> None:
        ranking = rank_columns(list(SCORES), list(SCORES.values()), [1, 3])
        assert ranking.borders == rank(SCORES, [1, 3]).borders
        assert ranking.scores == SCORES
        assert ranking.count == len(SCORES)
