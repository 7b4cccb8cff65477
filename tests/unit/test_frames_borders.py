"""Border keys from histograms against a plain ranking, where many scores make several passes."""

from random import Random
from typing import Any

import pytest

from relcare.ranking import TIE_RULES, TieRule, rank

duckdb = pytest.importorskip("duckdb")
pl = pytest.importorskip("polars")
frames = pytest.importorskip("relcare.frames")
borders_module = pytest.importorskip("relcare.frames._borders")
cuts_module = pytest.importorskip("relcare.frames._cuts")
engines = pytest.importorskip("relcare.frames._engines")


def opened(table: Any, name: str) -> tuple[Any, Any]:
    if name == "duckdb":
        connection = duckdb.connect()
        connection.from_arrow(table.to_arrow()).create("ranked")
        table = connection.table("ranked")
    engine, frame = engines.engine_of("ranked", table)
    return engine, engine.opened(frame)


@pytest.mark.parametrize("ties", TIE_RULES)
@pytest.mark.parametrize("name", ["polars", "duckdb"])
class TestAgainstAPlainRanking:
    @pytest.mark.parametrize("is_sampled", [False, True])
    @pytest.mark.parametrize("scores", ["few", "many", "far apart"])
    def test_borders_and_ties_are_those_of_the_ranking(
        self, name: str, ties: TieRule, scores: str, *, is_sampled: bool, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if is_sampled:
            monkeypatch.setattr(cuts_module, "_MANY", 1)
            monkeypatch.setattr(cuts_module, "_SAMPLED", 40)
        monkeypatch.setattr(cuts_module, "_BINS", 8)
        monkeypatch.setattr(borders_module, "_FEW_IDS", 10)
        draw = Random(7)
        pool = {"few": [0, 1, 2], "many": range(-500, 500), "far apart": [-(2**61), -7, 0, 3, 2**61]}[scores]
        by_id = {f"c{n}é": draw.choice(list(pool)) for n in range(120)}
        cuts = [0, 1, 24, 60, 61, 120]
        plain = rank(by_id, cuts, ties)
        engine, ranked = opened(pl.DataFrame({"cid": list(by_id), "score": list(by_id.values())}), name)
        found = borders_module.borders_of(engine, ranked, lambda _, __: cuts, ties, by_group=False)[None]
        assert found.count == 120
        assert found.borders == plain.borders
        assert [None if tie is None else tie[1] for tie in found.ties] == [len(group) or None for group in plain.ties]

    def test_each_group_has_borders_of_its_own(self, name: str, ties: TieRule, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cuts_module, "_BINS", 4)
        draw = Random(11)
        rows = [(f"c{n}", draw.randrange(40), draw.choice(["north", "south", "O'Brien"])) for n in range(90)]
        columns = {"cid": [one for one, _, _ in rows], "score": [s for _, s, _ in rows], "group": [g for _, _, g in rows]}
        engine, ranked = opened(pl.DataFrame(columns), name)
        found = borders_module.borders_of(engine, ranked, lambda _, count: [count // 3, count], ties, by_group=True)
        assert set(found) == {"north", "south", "O'Brien"}
        for group, borders in found.items():
            scores = {one: score for one, score, where in rows if where == group}
            assert borders.borders == rank(scores, [len(scores) // 3, len(scores)], ties).borders


class TestSample:
    """A sample says where to look, and never what is there."""

    @pytest.fixture(autouse=True)
    def sampled(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cuts_module, "_MANY", 1)
        monkeypatch.setattr(cuts_module, "_SAMPLED", 100)

    @pytest.mark.parametrize("at", [1, 250, 500, 999])
    def test_a_sample_of_the_best_alone_moves_no_border(self, at: int) -> None:
        scores = [2_000 + n if n % 10 == 0 else n for n in range(1_000)]  # one in ten is asked
        by_id = {f"c{n}": score for n, score in enumerate(scores)}
        engine, ranked = opened(pl.DataFrame({"cid": list(by_id), "score": scores}), "polars")
        found = borders_module.borders_of(engine, ranked, lambda _, __: [at], "by id", by_group=False)[None]
        assert found.borders == rank(by_id, [at], "by id").borders

    def test_a_good_sample_leaves_few_scores_to_look_at(self) -> None:
        scores = [n * 7_919 % 10_000 for n in range(10_000)]
        engine, frame = opened(pl.DataFrame({"score": scores}), "polars")
        cut = cuts_module.first_cut(None, 2_000, 10_000, 0, 9_999)
        cuts_module.narrow_by_sample(engine, frame, "score", [cut])
        assert cut.low <= 8_000 < cut.high
        assert cut.above == 10_000 - cut.high
        assert cut.inside == cut.high - cut.low < 5_000

    def test_a_cut_that_is_not_where_the_sample_says_is_left_as_it_was(self) -> None:
        scores = [2_000 + n if n % 10 == 0 else n for n in range(1_000)]
        engine, frame = opened(pl.DataFrame({"score": scores}), "polars")
        cut = cuts_module.first_cut(None, 250, 1_000, 1, 2_990)
        cuts_module.narrow_by_sample(engine, frame, "score", [cut])
        assert cut == cuts_module.first_cut(None, 250, 1_000, 1, 2_990)

    def test_who_has_no_score_is_not_counted(self) -> None:
        scores = [None if n % 3 == 0 else n for n in range(3_000)]
        by_id = {f"c{n}": score for n, score in enumerate(scores) if score is not None}
        engine, ranked = opened(pl.DataFrame({"cid": [f"c{n}" for n in range(3_000)], "score": scores}), "polars")
        found = borders_module.borders_of(engine, ranked, lambda _, count: [count // 5, count], "by id", by_group=False)[None]
        assert found.count == 2_000
        assert found.borders == rank(by_id, [400, 2_000], "by id").borders


@pytest.mark.parametrize("name", ["polars", "duckdb"])
def test_nobody_ranked_has_borders_that_let_nobody_in(name: str) -> None:
    engine, ranked = opened(pl.DataFrame({"cid": [], "score": []}, schema={"cid": pl.String, "score": pl.Int64}), name)
    found = borders_module.borders_of(engine, ranked, lambda _, __: [0, 0], "by id", by_group=False)
    assert found[None].borders == (None, None)
