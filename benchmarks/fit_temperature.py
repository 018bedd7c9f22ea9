"""Temperature that calibrates a classifier's probabilities on validation pictures (Guo et al. 2017).

    python benchmarks/fit_temperature.py RECIPE RUN DATA

Prints negative log-likelihood and calibration error before and after; hand the temperature to `karyokit export`.
"""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import torch
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from karyokit.inference import considered_logits
from karyokit.metrics.classification import expected_calibration_error
from karyokit.networks import build_network
from karyokit.training.loop import BEST
from karyokit.training.recipe import read_recipe
from karyokit.training.tasks.classification import CLASSES, ClassificationSettings, predict_logits
from karyokit.training.tasks.classification_data import prepared


def logits_of(network: torch.nn.Module, pictures: np.ndarray) -> np.ndarray:
    """(n, 25) logits of (n, rows, columns) pictures, looked at as often as the main job does."""
    return considered_logits(lambda batch: predict_logits(network, batch[:, 0]), pictures.astype(np.float32)[:, None])


def main(recipe_path: str, run: str, data: str) -> None:
    """Fit over the recipe's validation sets, each weighted alike."""
    recipe = read_recipe(Path(recipe_path))
    settings = ClassificationSettings.model_validate(recipe.settings)
    network = build_network(recipe.network.name, **recipe.network.options).eval()
    network.load_state_dict(torch.load(Path(run) / BEST, map_location="cpu", weights_only=True)["network"])
    with torch.no_grad():
        held_out = [prepared(name, data, "val", Path(settings.cache)) for name in settings.validate_on]
        answers = [(logits_of(network, singles.pictures)[:, :CLASSES], singles.labels - 1) for singles in held_out]

    def loss(temperature: float) -> float:
        parts = [-log_softmax(logits / temperature, axis=1)[np.arange(len(labels)), labels].mean() for logits, labels in answers]
        return float(np.mean(parts))

    best = float(minimize_scalar(loss, bounds=(0.2, 3.0), method="bounded").x)
    print(f"temperature {best:.3f}: negative log-likelihood {loss(1.0):.4f} -> {loss(best):.4f}")
    for name, (logits, labels) in zip(settings.validate_on, answers, strict=True):
        for temperature in (1.0, best):
            probabilities = np.exp(log_softmax(logits / temperature, axis=1))
            right = probabilities.argmax(1) == labels
            error = expected_calibration_error(probabilities.max(1), right)
            print(f"{name}: accuracy {right.mean():.4f}, calibration error {error:.4f} at temperature {temperature:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:4])
