from __future__ import annotations

import pytest

from karyokit.reconstruction import ReconstructionOptions


@pytest.mark.parametrize("change", [{"threshold": 1.5}, {"min_zone": -1}, {"reach": 0}, {"max_ports": 11}, {"beam": 0}, {"ring": 0}])
def test_values_outside_their_range(change: dict) -> None:
    with pytest.raises(ValueError, match=f"`{next(iter(change))}` must lie in"):
        ReconstructionOptions(**change)


def test_width_is_positive() -> None:
    with pytest.raises(ValueError, match="`width` must be positive"):
        ReconstructionOptions(width=0)
    assert ReconstructionOptions(width=8.5).width == 8.5
