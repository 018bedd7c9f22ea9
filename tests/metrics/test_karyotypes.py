from __future__ import annotations

import numpy as np
import pytest

from karyokit.metrics.karyotypes import JudgedKaryotype, summarise_karyotypes

XX, XY, DOWN = (2,) * 23 + (0,), (2,) * 22 + (1, 1), (2,) * 20 + (3, 2, 2, 0)


def test_shares_by_hand() -> None:
    cells = [
        JudgedKaryotype(XX, XX, 0.99, sure=True),
        JudgedKaryotype(XY, XY, 0.7, sure=False),
        JudgedKaryotype(XY, XX, 0.6, sure=False),
        JudgedKaryotype(DOWN, XX, 0.95, sure=True),
    ]
    figures = summarise_karyotypes(cells, np.random.default_rng(0))
    values = {name: figure.value for name, figure in figures.items()}
    assert values == pytest.approx(
        {
            "karyotype_right": 0.5,
            "karyotype_number_right": 0.75,
            "karyotype_sex_right": 0.75,
            "wrong_karyotypes_flagged": 0.5,
            "right_karyotypes_flagged": 0.5,
        }
    )


def test_nothing_wrong_leaves_nothing_to_flag() -> None:
    figures = summarise_karyotypes([JudgedKaryotype(XX, XX, 0.99, sure=True)], np.random.default_rng(0))
    assert np.isnan(figures["wrong_karyotypes_flagged"].value)
