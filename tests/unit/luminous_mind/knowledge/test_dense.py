"""The dense index finds what comparing with every vector finds, and survives odd questions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest

from luminous_mind.artefact import ArtefactDamaged, ArtefactMissing, ArtefactOutdated
from luminous_mind.knowledge.dense import DenseIndex
from luminous_mind.knowledge.linking import write_dense

if TYPE_CHECKING:
    from pathlib import Path

    import numpy.typing as npt

    Floats = npt.NDArray[np.float32]
    Halves = npt.NDArray[np.float16]

DIMENSIONS = 96


def unit_rows(rows: int, seed: int = 3) -> Floats:
    """Make rows in some two hundred clusters, as texts are, of unit length."""
    chance = np.random.default_rng(seed)
    centres = chance.normal(size=(200, DIMENSIONS))
    vectors = centres[chance.integers(200, size=rows)] + chance.normal(size=(rows, DIMENSIONS))
    unit: Floats = (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)
    return unit


@pytest.fixture(scope="module")
def vectors() -> Floats:
    return unit_rows(4000)


def built(vectors: Floats | Halves, folder: Path, base: Path | None = None) -> DenseIndex:
    """Write an index, and open it."""
    write_dense(vectors, folder, base)
    return DenseIndex.open(folder)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("dense") / "index"


@pytest.fixture(scope="module")
def index(vectors: Floats, folder: Path) -> DenseIndex:
    return built(vectors, folder)


def test_nearly_all_of_the_ten_nearest_are_found(vectors: Floats, index: DenseIndex) -> None:
    found = 0
    for query in unit_rows(300, seed=3)[-100:]:
        exact = set(np.argsort(-(vectors @ query))[:10].tolist())
        found += len(exact & set(index.nearest(query, 10)[0].tolist()))
    assert found / 1000 >= 0.99


def test_a_row_is_nearest_to_itself_and_similarities_fall(
    vectors: Floats, index: DenseIndex
) -> None:
    positions, similarities = index.nearest(vectors[1234], 20)
    assert positions[0] == 1234
    assert similarities[0] == pytest.approx(1, abs=1e-3)
    assert np.all(np.diff(similarities) <= 0)
    assert len(positions) == len(similarities) == 20


@pytest.mark.parametrize("rows", [1, 9, 2048, 2049])
def test_asking_for_more_than_there_are_gives_all(rows: int, tmp_path: Path) -> None:
    index = built(unit_rows(rows), tmp_path / "index")
    positions, _ = index.nearest(unit_rows(1)[0], rows + 1000)
    assert sorted(positions.tolist()) == list(range(rows))


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    index = built(np.empty((0, DIMENSIONS), dtype=np.float32), tmp_path / "index")
    assert len(index) == 0
    assert index.nearest(unit_rows(1)[0], 10)[0].size == 0


@pytest.mark.parametrize(
    "query",
    [
        np.ones(DIMENSIONS + 1, dtype=np.float32),
        np.empty(0, dtype=np.float32),
        np.full(DIMENSIONS, np.nan, dtype=np.float32),
        np.full(DIMENSIONS, np.inf, dtype=np.float32),
    ],
)
def test_a_query_that_is_no_vector_of_this_index_finds_nothing(
    query: Floats, index: DenseIndex
) -> None:
    positions, similarities = index.nearest(query, 10)
    assert positions.size == similarities.size == 0


@pytest.mark.parametrize("count", [0, -1])
def test_no_neighbours_can_be_asked_for(count: int, vectors: Floats, index: DenseIndex) -> None:
    assert index.nearest(vectors[0], count)[0].size == 0


def test_the_zero_vector_gets_an_answer(index: DenseIndex) -> None:
    assert index.nearest(np.zeros(DIMENSIONS, dtype=np.float32), 5)[0].size == 5


def test_thousands_of_equal_vectors_are_all_found(tmp_path: Path) -> None:
    same = np.repeat(unit_rows(1), 5000, axis=0)
    positions, similarities = built(same, tmp_path / "index").nearest(same[0], 50)
    assert len(set(positions.tolist())) == 50
    assert similarities == pytest.approx(1, abs=1e-3)


def test_rows_of_zeros_do_not_stop_a_build(tmp_path: Path) -> None:
    vectors = unit_rows(3000)
    vectors[5] = 0
    assert built(vectors, tmp_path / "index").nearest(vectors[7], 1)[0].tolist() == [7]


def test_the_same_vectors_give_the_same_bytes(vectors: Floats, tmp_path: Path) -> None:
    for name in ("one", "two"):
        built(vectors[:3000], tmp_path / name)
    for file in sorted((tmp_path / "one").iterdir()):
        assert file.read_bytes() == (tmp_path / "two" / file.name).read_bytes(), file.name


def test_a_mapped_matrix_in_half_precision_is_taken(vectors: Floats, tmp_path: Path) -> None:
    halves = np.memmap(tmp_path / "matrix", dtype=np.float16, mode="w+", shape=(3000, DIMENSIONS))
    halves[:] = vectors[:3000]
    index = built(halves, tmp_path / "index")
    assert (len(index), index.dimensions) == (3000, DIMENSIONS)
    assert index.nearest(vectors[17], 1)[0].tolist() == [17]


def test_an_index_in_use_stays_itself_while_another_takes_its_name(
    vectors: Floats, tmp_path: Path
) -> None:
    old = built(vectors[:3000], tmp_path / "index")
    new = built(vectors[1000:], tmp_path / "index")
    assert old.nearest(vectors[42], 1)[0].tolist() == [42]
    assert new.nearest(vectors[1042], 1)[0].tolist() == [42]


def test_an_index_that_grew_answers_as_one_made_anew(
    vectors: Floats, index: DenseIndex, folder: Path, tmp_path: Path
) -> None:
    # Some rows are gone, some are new, and all stand in another order.
    changed = np.concatenate([vectors[200:], unit_rows(300, seed=9)])
    changed = np.random.default_rng(5).permutation(changed)
    before = index.nearest(vectors[0], 10)[0].tolist()
    grown = built(changed, tmp_path / "grown", base=folder)
    assert len(grown) == 4100
    found = 0
    for row in range(0, 4100, 41):
        positions = set(grown.nearest(changed[row], 10)[0].tolist())
        assert row in positions
        found += len(set(np.argsort(-(changed @ changed[row]))[:10].tolist()) & positions)
    assert found / 1000 >= 0.99
    assert index.nearest(vectors[0], 10)[0].tolist() == before


def test_what_is_gone_is_not_found_though_it_was_the_nearest(
    vectors: Floats, index: DenseIndex, folder: Path, tmp_path: Path
) -> None:
    near = index.nearest(vectors[0], 500)[0]
    left = np.delete(vectors, near, axis=0)
    grown = built(left, tmp_path / "grown", base=folder)
    positions, _ = grown.nearest(vectors[0], 10)
    assert len(positions) == 10
    assert positions[0] == np.argmax(left @ vectors[0])


def test_growing_links_only_what_is_new(vectors: Floats, folder: Path, tmp_path: Path) -> None:
    grown = built(np.flip(vectors, axis=0), tmp_path / "grown", base=folder)
    nodes = np.fromfile(tmp_path / "grown/nodes.i32", dtype=np.int32)
    assert nodes.tolist() == list(range(3999, -1, -1))
    assert grown.nearest(vectors[3], 1)[0].tolist() == [3996]


@pytest.mark.parametrize(
    "other",
    [unit_rows(3000, seed=77), unit_rows(10, seed=3), np.eye(3000, 32, dtype=np.float32)],
    ids=["other rows", "few rows", "other dimensions"],
)
def test_too_different_a_base_is_left_aside(other: Floats, folder: Path, tmp_path: Path) -> None:
    built(other, tmp_path / "grown", base=folder)
    built(other, tmp_path / "anew")
    for file in (tmp_path / "anew").iterdir():
        assert file.read_bytes() == (tmp_path / "grown" / file.name).read_bytes(), file.name


def test_equal_rows_keep_a_node_each_when_an_index_grows(tmp_path: Path) -> None:
    rows = unit_rows(2500)
    twins = np.concatenate([rows, rows])
    built(twins, tmp_path / "base")
    grown = built(twins, tmp_path / "grown", base=tmp_path / "base")
    assert set(grown.nearest(rows[8], 2)[0].tolist()) == {8, 2508}


@pytest.mark.parametrize("file", ["vectors.f16", "directions.f32", "graph.hnsw", "nodes.i32"])
@pytest.mark.parametrize("damage", ["cut", "bit", "gone"])
def test_damage_is_named(file: str, damage: str, vectors: Floats, tmp_path: Path) -> None:
    built(vectors[:3000], tmp_path / "index")
    path = tmp_path / "index" / file
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    if damage == "gone":
        path.unlink()
    else:
        path.write_bytes(content if damage == "bit" else content[:-1])
    with pytest.raises(ArtefactDamaged, match="Index the sources anew"):
        DenseIndex.open(tmp_path / "index")


def test_a_folder_that_holds_no_index_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactMissing, match="Index the sources anew"):
        DenseIndex.open(tmp_path / "index")


def test_an_index_of_an_older_format_is_named(vectors: Floats, tmp_path: Path) -> None:
    built(vectors[:10], tmp_path / "index")
    manifest = tmp_path / "index/manifest.json"
    manifest.write_text(manifest.read_text().replace('"format": 1', '"format": 0'))
    with pytest.raises(ArtefactOutdated, match="Index the sources anew"):
        DenseIndex.open(tmp_path / "index")


def test_facts_that_do_not_fit_the_files_are_damage(vectors: Floats, tmp_path: Path) -> None:
    built(vectors[:3000], tmp_path / "index")
    manifest = tmp_path / "index/manifest.json"
    manifest.write_text(manifest.read_text().replace('"rows": 3000', '"rows": 4000'))
    with pytest.raises(ArtefactDamaged, match="Index the sources anew"):
        DenseIndex.open(tmp_path / "index")
