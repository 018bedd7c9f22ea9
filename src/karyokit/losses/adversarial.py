"""Least-squares GAN losses of patch scores. Source: Mao et al. 2017; AMFL (Mei et al. 2021/22), Eq. 5 to 7."""

from __future__ import annotations

from collections.abc import Callable

from torch import Tensor

from karyokit.checks import lookup


def picture_mean(scores: Tensor) -> Tensor:
    """(n,): the mean over a picture's patches, AMFL's "averages all responses"."""
    return scores.flatten(1).mean(dim=1)


def every_patch(scores: Tensor) -> Tensor:
    """Each patch is judged on its own, as in Isola et al. 2017."""
    return scores


SCORE_POOLING: dict[str, Callable[[Tensor], Tensor]] = {"picture": picture_mean, "patch": every_patch}
"""What is squared: the mean score of a picture, or the score of every patch."""


def lsgan_discriminator(real: Tensor, fake: Tensor, *, factor: float = 0.5, pooling: str = "picture") -> Tensor:
    """factor * (mean (real - 1)^2 + mean fake^2); 0 where real pictures score 1 and generated ones 0.

    ``real`` and ``fake`` are (n, 1, patch rows, patch columns) scores; detach the generated maps before scoring them. ``factor`` is in
    AMFL's code, its Eq. 5 has 1. ``pooling`` is a name of :data:`SCORE_POOLING`. No patch gives NaN.
    """
    pool = lookup(SCORE_POOLING, pooling, "pooling")
    real, fake = pool(real.float()), pool(fake.float())
    return factor * ((real - 1).square().mean() + fake.square().mean())


def lsgan_generator(fake: Tensor, *, pooling: str = "picture") -> Tensor:
    """mean (fake - 1)^2, Eq. 6: 0 where the discriminator takes every generated map for real. Shapes as above.

    The generator's whole objective (Eq. 7) is this plus 10 times a segmentation loss.
    """
    return (lookup(SCORE_POOLING, pooling, "pooling")(fake.float()) - 1).square().mean()
