"""Class probabilities and polarity against values computed by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, softmax

sys.path.insert(0, str(Path(__file__).parent))
import tiny_models

from karyokit.inference import Model, classify_pictures, load_model


def test_softmax_with_temperature_and_chunks(tmp_path: Path) -> None:
    tiny_models.classifier(tmp_path, temperature=2.0)
    values = np.linspace(-1, 1, 130, dtype=np.float32)
    batch = np.broadcast_to(values[:, None, None, None], (130, 1, 8, 4))
    probabilities, up = classify_pictures(load_model("tiny-classes", folder=tmp_path), batch)
    expected = softmax(values[:, None] * np.arange(24) / 2, axis=1)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4)
    np.testing.assert_allclose(up, expit(values), rtol=1e-4)


def test_empty_batch(tmp_path: Path) -> None:
    tiny_models.classifier(tmp_path)
    probabilities, up = classify_pictures(load_model("tiny-classes", folder=tmp_path), np.zeros((0, 1, 8, 4), np.float32))
    assert (probabilities.shape, up.shape) == ((0, 24), (0,))


def test_refusals(tmp_path: Path) -> None:
    tiny_models.classifier(tmp_path)
    tiny_models.separator(tmp_path)
    with pytest.raises(ValueError, match=r"shape \(n, 1, 8, 4\)"):
        classify_pictures(load_model("tiny-classes", folder=tmp_path), np.zeros((2, 1, 8, 5), np.float32))
    with pytest.raises(ValueError, match="classification model"):
        classify_pictures(load_model("tiny", folder=tmp_path), np.zeros((2, 1, 8, 4), np.float32))


def test_one_output_of_25_logits_serves_as_well() -> None:
    card = tiny_models.card("one", task="classification", outputs=("logits",), temperature=1.0)

    class OneOutput(Model):
        def run(self, batch: np.ndarray) -> list[np.ndarray]:
            return [np.tile(np.arange(25, dtype=np.float32), (len(batch), 1))]

    probabilities, up = classify_pictures(OneOutput(card, Path("none.onnx")), np.zeros((2, 1, 8, 4), np.float32))
    np.testing.assert_allclose(probabilities[1], softmax(np.arange(24)), rtol=1e-5)
    np.testing.assert_allclose(up, expit(24.0))
