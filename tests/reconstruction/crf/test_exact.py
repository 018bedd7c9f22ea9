"""The exact field against enumeration of every labelling of tiny grids."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest

from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.crf.exact import energy, exact_messages, normalised, pairwise_matrix
from karyokit.reconstruction.crf.mean_field import mean_field

PARAMETERS = CrfParameters(w1=1.5, w2=0.8, s_a=2.0, s_b=25.0, s_g=1.0)


def tiny(seed: int, rows: int = 3, columns: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """A random (rows, columns, 3) picture and map."""
    rng = np.random.default_rng(seed)
    return rng.integers(0, 256, (rows, columns, 3)).astype(float), rng.uniform(0.1, 0.9, (rows, columns))


def labellings(rows: int, columns: int) -> np.ndarray:
    return np.array(list(product((0, 1), repeat=rows * columns)), bool).reshape(-1, rows, columns)


def free_energy(belief: np.ndarray, probability: np.ndarray, matrix: np.ndarray) -> float:
    """Expected energy minus entropy under independent pixels; what mean-field lowers."""
    q, p = belief.ravel(), np.clip(probability.ravel(), 0.02, 0.98)
    unary = -(q * np.log(p) + (1 - q) * np.log(1 - p)).sum()
    entropy = -(q * np.log(q) + (1 - q) * np.log(1 - q)).sum()
    return float(unary + q @ matrix @ (1 - q) - entropy)


def test_energy_of_two_pixels_by_hand() -> None:
    colour = np.array([[[0.0, 0, 0], [3, 0, 0]]])
    parameters = CrfParameters(w1=2, w2=1, s_a=1, s_b=3, s_g=2, normalise="none")
    matrix = pairwise_matrix(colour, parameters)
    weight = 2 * np.exp(-1 / 2 - 9 / 18) + np.exp(-1 / 8)
    np.testing.assert_allclose(matrix, [[0, weight], [weight, 0]])
    probability = np.array([[0.9, 0.3]])
    assert energy(np.array([[1, 0]]), probability, matrix) == pytest.approx(-np.log(0.9) - np.log(0.7) + weight)
    assert energy(np.array([[1, 1]]), probability, matrix) == pytest.approx(-np.log(0.9) - np.log(0.3))


def test_symmetric_normalisation_by_hand() -> None:
    kernel = np.array([[1.0, 0.5], [0.5, 1.0]])
    np.testing.assert_allclose(normalised(kernel, "symmetric"), kernel / 1.5)
    assert normalised(kernel, "none") is kernel
    matrix = pairwise_matrix(tiny(0)[0], PARAMETERS)
    np.testing.assert_allclose(matrix, matrix.T)
    assert (np.diag(matrix) == 0).all()
    assert (np.diag(pairwise_matrix(tiny(0)[0], PARAMETERS.changed(self_messages=True))) > 0).all()


@pytest.mark.parametrize("seed", range(6))
def test_mean_field_finds_the_labelling_of_lowest_energy_or_a_close_one(seed: int) -> None:
    colour, probability = tiny(seed)
    matrix = pairwise_matrix(colour, PARAMETERS)
    energies = np.array([energy(one, probability, matrix) for one in labellings(3, 3)])
    belief = mean_field(probability, exact_messages(colour, PARAMETERS), parameters=PARAMETERS.changed(iterations=50))
    found = energy(belief > 0.5, probability, matrix)
    assert found <= energy(probability > 0.5, probability, matrix) + 1e-9
    assert (energies < found - 1e-9).mean() < 0.02


@pytest.mark.parametrize("seed", range(6))
def test_free_energy_falls_to_a_fixed_point_above_the_true_one(seed: int) -> None:
    colour, probability = tiny(seed, 3, 4)
    matrix, messages = pairwise_matrix(colour, PARAMETERS), exact_messages(colour, PARAMETERS)
    steps = [mean_field(probability, messages, parameters=PARAMETERS.changed(iterations=n)) for n in (0, 1, 2, 4, 8, 16, 400, 401)]
    values = [free_energy(step, probability, matrix) for step in steps]
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(values))
    np.testing.assert_allclose(steps[-1], steps[-2], atol=1e-9)
    energies = np.array([energy(one, probability, matrix) for one in labellings(3, 4)])
    assert values[-1] >= -np.log(np.exp(-energies).sum()) - 1e-9  # the bound that mean-field tightens
    assert values[-1] < values[0]


def test_without_kernels_the_map_comes_back() -> None:
    colour, probability = tiny(3)
    alone = PARAMETERS.changed(w1=0.0, w2=0.0)
    np.testing.assert_allclose(mean_field(probability, exact_messages(colour, alone), parameters=alone), probability)


def test_large_crops_are_refused() -> None:
    with pytest.raises(ValueError, match="Use 'window'"):
        pairwise_matrix(np.zeros((65, 64, 3)), PARAMETERS)
