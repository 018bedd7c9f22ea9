"""Class probabilities and polarity against values computed by hand."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit, softmax

sys.path.insert(0, str(Path(__file__).parent))
import tiny_models

from karyokit.inference import Model, classify_pictures, considered_logits, load_model


def test_softmax_with_temperature_and_chunks(tmp_path: Path) -> None:
    tiny_models.classifier(tmp_path, temperature=2.0)
    values = np.linspace(-1, 1, 130, dtype=np.float32)
    batch = np.broadcast_to(values[:, None, None, None], (130, 1, 8, 4))
    probabilities, up = classify_pictures(load_model("tiny-classes", folder=tmp_path), batch)
    expected = softmax(values[:, None] * np.arange(24) / 2, axis=1)
    np.testing.assert_allclose(probabilities, expected, rtol=1e-4)
    np.testing.assert_allclose(up, 0.5, rtol=1e-6)  # the pictures look the same either way up


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


def test_one_output_of_25_logits_and_both_ways_up() -> None:
    card = tiny_models.card("one", task="classification", outputs=("logits",), temperature=1.0)

    class OneOutput(Model):
        """Class logits 0..23 plus the level of the first row for class 1; polarity the first row less the last."""

        def run(self, batch: np.ndarray) -> list[np.ndarray]:
            logits = np.tile(np.arange(25, dtype=np.float32), (len(batch), 1))
            logits[:, 0] += batch[:, 0, 0].mean(1)
            logits[:, 24] = batch[:, 0, 0].mean(1) - batch[:, 0, -1].mean(1)
            return [logits]

    batch = np.zeros((2, 1, 8, 4), np.float32)
    batch[0, 0, 0], batch[1, 0, -1] = 6.0, 6.0
    probabilities, up = classify_pictures(OneOutput(card, Path("none.onnx")), batch)
    expected = np.arange(24, dtype=float)
    expected[0] += 3.0
    np.testing.assert_allclose(probabilities, np.tile(softmax(expected), (2, 1)), rtol=1e-5)
    np.testing.assert_allclose(up, [expit(6.0), expit(-6.0)], rtol=1e-6)


def test_only_doubtful_pictures_are_looked_at_again() -> None:
    counts = []

    def run(pictures: np.ndarray) -> np.ndarray:
        counts.append(len(pictures))
        logits = np.zeros((len(pictures), 25))
        logits[:, 3], logits[:, 24] = pictures[:, 0, 0, 0], 5.0
        return logits

    batch = np.zeros((3, 1, 4, 2), np.float32)
    batch[0], batch[1, 0, 0, 0], batch[2] = 8.0, 2.0, 8.0
    logits = considered_logits(run, batch)
    assert counts == [3, 1, 1, 1]
    np.testing.assert_allclose(logits[:, 3], [8.0, 0.5, 8.0])
    np.testing.assert_allclose(logits[:, 24], [5.0, 0.0, 5.0])
