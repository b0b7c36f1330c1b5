"""The exported encoder makes the vectors of its model, of whatever text, and starts light."""

from __future__ import annotations

import base64
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from luminous_mind.artefact import ArtefactDamaged, ArtefactMissing, ArtefactOutdated
from luminous_mind.engine.encoder import Encoder
from luminous_mind.engine.export import ExportError, export
from luminous_sandbox.encoder import find_encoder

# Without `make encoder` before, the first test makes it.
pytestmark = pytest.mark.timeout(900)

REFERENCE = Path(__file__).with_name("reference-vectors.json")
HEAVY = ("numpy", "onnxruntime", "tokenizers", "torch", "sentence_transformers", "onnx")


@pytest.fixture(scope="module")
def folder() -> Path:
    return find_encoder()


@pytest.fixture(scope="module")
def encoder(folder: Path) -> Encoder:
    return Encoder.open(folder)


def reference() -> tuple[list[str], npt.NDArray[np.float32]]:
    """Return texts and the vectors that sentence-transformers itself makes of them."""
    rows = json.loads(REFERENCE.read_text(encoding="utf-8"))["vectors"]
    vectors = [np.frombuffer(base64.b64decode(row["vector"]), dtype="<f2") for row in rows]
    return [row["text"] for row in rows], np.array(vectors, dtype=np.float32)


def copy_with(folder: Path, target: Path, name: str, content: bytes) -> Path:
    """Copy the encoder with one file's content changed."""
    shutil.copytree(folder, target)
    (target / name).write_bytes(content)
    return target


def test_vectors_are_like_those_of_sentence_transformers(encoder: Encoder) -> None:
    texts, expected = reference()
    together = encoder.encode(texts)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    for vectors in (together, alone):
        likeness = dict(zip(texts, (vectors * expected).sum(axis=1).tolist(), strict=True))
        assert {text: like for text, like in likeness.items() if like < 0.98} == {}


def test_the_nearest_text_is_the_one_that_means_it(encoder: Encoder) -> None:
    passages = ["kdenlive: Non-linear film editor", "gcc: Compiler for C", "bluez: Bluetooth stack"]
    queries = ["cut my holiday movie", "build a program from source", "wireless headphones"]
    similarities = encoder.encode(queries) @ encoder.encode(passages).T
    assert similarities.argmax(axis=1).tolist() == [0, 1, 2]


def test_rows_have_unit_length_and_keep_their_order(encoder: Encoder) -> None:
    texts = [f"{'very ' * (number * 7 % 40)}long {number}" for number in range(41)]
    vectors = encoder.encode(texts)
    assert vectors.shape == (41, encoder.dimensions)
    assert vectors.dtype == np.float32
    assert np.allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    alone = np.concatenate([encoder.encode([text]) for text in texts])
    # int8 rounds by what else is in a batch, so the same text differs a little.
    assert (vectors * alone).sum(axis=1).min() > 0.98


def test_the_same_texts_give_the_same_vectors(encoder: Encoder) -> None:
    texts, _ = reference()
    assert np.array_equal(encoder.encode(texts), encoder.encode(texts))


def test_no_texts_give_no_rows(encoder: Encoder) -> None:
    assert encoder.encode([]).shape == (0, encoder.dimensions)


@pytest.mark.parametrize(
    "text",
    ["", " ", "\0\x1b[2J", "\ud800", "\U0010ffff", "日本語", "x" * 1_000_000, "a " * 500_000],
)
def test_any_text_has_a_vector(text: str, encoder: Encoder) -> None:
    assert np.linalg.norm(encoder.encode([text])) == pytest.approx(1, abs=1e-5)


def test_the_digest_names_the_weights(folder: Path, encoder: Encoder) -> None:
    assert Encoder.open(folder).digest == encoder.digest
    assert len(encoder.digest) == 64


def test_a_folder_without_encoder_is_named(tmp_path: Path) -> None:
    with pytest.raises(ArtefactMissing, match=r"luminous_mind\.engine\.export"):
        Encoder.open(tmp_path)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json"])
def test_a_half_written_encoder_is_named(name: str, folder: Path, tmp_path: Path) -> None:
    half = (folder / name).read_bytes()
    copy = copy_with(folder, tmp_path / "copy", name, half[: len(half) // 2])
    with pytest.raises(ArtefactDamaged, match=name):
        Encoder.open(copy)


def test_an_encoder_of_another_version_is_named(folder: Path, tmp_path: Path) -> None:
    manifest = (folder / "manifest.json").read_bytes().replace(b'"format": 1', b'"format": 99')
    with pytest.raises(ArtefactOutdated, match=r"luminous_mind\.engine\.export"):
        Encoder.open(copy_with(folder, tmp_path / "copy", "manifest.json", manifest))


def test_a_manifest_that_lacks_facts_is_named(folder: Path, tmp_path: Path) -> None:
    manifest = (folder / "manifest.json").read_bytes().replace(b'"tokens"', b'"words"')
    with pytest.raises(ArtefactDamaged, match="lacks facts"):
        Encoder.open(copy_with(folder, tmp_path / "copy", "manifest.json", manifest))


def test_importing_the_encoder_imports_nothing_heavy() -> None:
    program = "import sys, luminous_mind.engine.encoder; print(*sys.modules)"
    loaded = subprocess.run(
        [sys.executable, "-c", program], check=True, capture_output=True, text=True
    ).stdout.split()
    assert [name for name in HEAVY if name in loaded] == []


def test_encoding_imports_nothing_of_the_tools_that_exported_it(folder: Path) -> None:
    program = (
        "import sys, pathlib; from luminous_mind.engine.encoder import Encoder\n"
        "Encoder.open(pathlib.Path(sys.argv[1])).encode(['x']); print(*sys.modules)"
    )
    loaded = subprocess.run(
        [sys.executable, "-c", program, str(folder)], check=True, capture_output=True, text=True
    ).stdout.split()
    assert [name for name in ("torch", "sentence_transformers", "onnx") if name in loaded] == []


def test_the_encoder_works_where_no_memory_can_be_written_and_run(folder: Path) -> None:
    program = (
        "import ctypes, sys, pathlib; from luminous_mind.engine.encoder import Encoder\n"
        "denied = ctypes.CDLL(None).prctl(65, 1, 0, 0, 0) == 0  # PR_SET_MDWE, as systemd does\n"
        "Encoder.open(pathlib.Path(sys.argv[1])).encode(['x'] * 9)\n"
        "sys.exit(0 if denied else 77)"
    )
    done = subprocess.run([sys.executable, "-c", program, str(folder)], check=False)
    if done.returncode == 77:
        pytest.skip("this kernel cannot deny memory that is written and run")
    assert done.returncode == 0


def test_the_library_that_runs_the_encoder_tells_nobody_of_it(folder: Path, tmp_path: Path) -> None:
    program = (
        "import sys, pathlib; from luminous_mind.engine.encoder import Encoder\n"
        "Encoder.open(pathlib.Path(sys.argv[1])).encode(['x'])\n"
    )
    environment = {"HOME": str(tmp_path), "PATH": os.defpath}
    subprocess.run([sys.executable, "-c", program, str(folder)], check=True, env=environment)
    assert list(tmp_path.rglob("*")) == [], "where it keeps what it is about to send"


def test_a_model_that_this_encoder_does_not_serve_is_not_exported(tmp_path: Path) -> None:
    model = tmp_path / "model"
    (model / "1_Pooling").mkdir(parents=True)
    steps = [
        {"type": f"sentence_transformers.models.{name}"} for name in ("Transformer", "Pooling")
    ]
    (model / "modules.json").write_text(json.dumps(steps))
    (model / "1_Pooling/config.json").write_text(json.dumps({"pooling_mode_cls_token": True}))
    with pytest.raises(ExportError, match="mean pooling"):
        export(model, tmp_path / "encoder")
    with pytest.raises(ExportError, match="no sentence-transformers model"):
        export(tmp_path / "nothing", tmp_path / "encoder")
    assert not (tmp_path / "encoder").exists()
