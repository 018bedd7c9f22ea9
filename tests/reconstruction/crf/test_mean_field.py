"""Agreement of the backends, and the laws that each of them keeps."""

from __future__ import annotations

import numpy as np
import pytest

from karyokit.reconstruction.crf import CrfParameters
from karyokit.reconstruction.crf.mean_field import BACKENDS, infer

SETS = (CrfParameters(), CrfParameters(w1=2, s_a=5, s_b=20), CrfParameters(w1=10, w2=1, s_a=8, s_b=10, iterations=10))


def backend_or_skip(name: str) -> str:
    if name == "permutohedral":
        pytest.importorskip("pydensecrf.densecrf", reason="the optional package pydensecrf2 is not installed")
    return name


@pytest.mark.parametrize("parameters", SETS)
@pytest.mark.parametrize("normalise", ["symmetric", "none"])
@pytest.mark.parametrize("self_messages", [False, True])
def test_a_window_over_the_whole_crop_is_exact(
    picture: np.ndarray, unsure: np.ndarray, parameters: CrfParameters, normalise: str, self_messages: bool
) -> None:
    scale = 1.0 if normalise == "symmetric" else 0.01
    used = parameters.changed(normalise=normalise, self_messages=self_messages, w1=parameters.w1 * scale, w2=parameters.w2 * scale)
    exact = infer(unsure, picture, parameters=used, backend="exact")
    wide = used.changed(s_a=max(used.s_a, 8.0))  # three scales reach over the crop
    np.testing.assert_allclose(
        infer(unsure, picture, parameters=wide, backend="window", radius=30),
        exact if wide == used else infer(unsure, picture, parameters=wide, backend="exact"),
        atol=1e-4,
    )


def test_a_window_of_three_scales_is_nearly_exact(picture: np.ndarray, unsure: np.ndarray) -> None:
    parameters = CrfParameters(w1=4, s_a=3, s_b=20, s_g=2)
    exact, cut = (infer(unsure, picture, parameters=parameters, backend=name) for name in ("exact", "window"))
    assert np.abs(exact - cut).max() < 0.01
    assert ((exact > 0.5) == (cut > 0.5)).all()


@pytest.mark.parametrize("self_messages", [True, False])
def test_exact_agrees_with_pydensecrf2(picture: np.ndarray, unsure: np.ndarray, bar: np.ndarray, self_messages: bool) -> None:
    backend_or_skip("permutohedral")
    parameters = CrfParameters(self_messages=self_messages)
    exact, lattice = (infer(unsure, picture, parameters=parameters, backend=name) for name in ("exact", "permutohedral"))
    assert np.abs(exact - lattice).max() < 0.03
    assert ((exact > 0.5) == (lattice > 0.5)).all()
    assert ((exact > 0.5) == bar).all()  # the picture restores the pixels that the map missed
    assert ((unsure > 0.5) != bar).any()


@pytest.mark.parametrize("name", BACKENDS)
def test_laws(picture: np.ndarray, unsure: np.ndarray, name: str) -> None:
    backend = backend_or_skip(name)
    copies = picture.copy(), unsure.copy()
    parameters = CrfParameters(s_a=6)
    found = infer(unsure, picture, parameters=parameters, backend=backend)
    assert found.shape == unsure.shape
    assert found.min() >= 0
    assert found.max() <= 1
    np.testing.assert_array_equal(infer(unsure, picture, parameters=parameters, backend=backend), found)
    np.testing.assert_array_equal(copies[0], picture)
    np.testing.assert_array_equal(copies[1], unsure)
    rgb = np.repeat(picture[:, :, None], 3, axis=2)
    np.testing.assert_allclose(infer(unsure, rgb, parameters=parameters, backend=backend), found, atol=1e-5)
    loose = 1e-4 if name != "permutohedral" else 0.05  # the lattice does not turn with the picture
    turned = infer(np.rot90(unsure), np.rot90(picture), parameters=parameters, backend=backend)
    np.testing.assert_allclose(turned, np.rot90(found), atol=loose)
    opposite = infer(1 - unsure, picture, parameters=parameters, backend=backend)
    np.testing.assert_allclose(opposite, 1 - found, atol=1e-4)


@pytest.mark.parametrize("name", BACKENDS)
def test_frozen_pixels_keep_their_label(picture: np.ndarray, unsure: np.ndarray, name: str) -> None:
    backend = backend_or_skip(name)
    labels, frozen = np.zeros(unsure.shape, bool), np.zeros(unsure.shape, bool)
    frozen[10:14, 8:16] = True
    labels[12:14, 8:16] = True
    found = infer(unsure, picture, parameters=CrfParameters(s_a=6), backend=backend, frozen=frozen, labels=labels)
    assert ((found > 0.5)[frozen] == labels[frozen]).all()


def test_refuses(picture: np.ndarray, unsure: np.ndarray) -> None:
    with pytest.raises(ValueError, match="Did you mean 'window'"):
        infer(unsure, picture, backend="windows")
    with pytest.raises(ValueError, match="one shape"):
        infer(unsure[1:], picture)
    with pytest.raises(ValueError, match="not logits"):
        infer(unsure * 5, picture)
    with pytest.raises(ValueError, match="come with `labels`"):
        infer(unsure, picture, frozen=unsure > 1)
    with pytest.raises(ValueError, match="grey plane"):
        infer(unsure, np.zeros((24, 24, 2)))


def test_permutohedral_without_its_package(monkeypatch: pytest.MonkeyPatch, picture: np.ndarray, unsure: np.ndarray) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "pydensecrf", None)
    monkeypatch.setitem(sys.modules, "pydensecrf.densecrf", None)
    with pytest.raises(ValueError, match="pip install pydensecrf2"):
        infer(unsure, picture, backend="permutohedral")
