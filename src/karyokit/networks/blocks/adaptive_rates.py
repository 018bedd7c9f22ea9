"""Dilations and pool sizes that follow the size of a feature map. Source: Wang et al. 2021 (ARMS Net), 3.2; systems specification 2.4."""

from __future__ import annotations

import math

from karyokit.checks import problem


def adaptive_rates(rows: int, columns: int, *, branches: int, least: int = 1) -> tuple[int, ...]:
    """One rate per branch l = 1..``branches``: ceil(sqrt(rows * columns) / 2^l), with a replacement where that is of no use.

    A rate is replaced where the quotient is below 1, the rate is below ``least`` (1 for dilations, 2 for pools: a pool of 1 does
    nothing) or an earlier branch has it. The paper gives two examples only, both at 8x8: its fourth dilation 0.5 and its third pool 1
    become 3, "to differ from the existing rates". The rule that gives both: the smallest integer from ``least`` on that no earlier
    branch has and no later branch will have by itself. Raises ``ValueError`` for an empty map or no branch.

    >>> adaptive_rates(8, 8, branches=4), adaptive_rates(8, 8, branches=3, least=2)
    ((4, 2, 1, 3), (4, 2, 3))
    """
    if min(rows, columns, branches) < 1:
        got = f"{rows} x {columns} and {branches} branches"
        raise ValueError(problem("rows and columns", "be at least 1, for at least one branch", got, "Use fewer pools."))
    side = math.sqrt(rows * columns)
    wanted = [_rate(side / 2**level, least) for level in range(1, branches + 1)]
    rates: list[int] = []
    for position, rate in enumerate(wanted):
        taken = {*rates, *wanted[position + 1 :]}
        rates.append(rate if rate and rate not in rates else next(free for free in range(least, least + 2 * branches) if free not in taken))
    return tuple(rates)


def _rate(quotient: float, least: int) -> int:
    """The rate as the formula has it, 0 where it cannot be used."""
    rate = math.ceil(quotient)
    return rate if quotient >= 1 and rate >= least else 0


def adaptive_dilations(rows: int, columns: int, *, branches: int = 4) -> tuple[int, ...]:
    """Dilations of AMAC. One as large as the map leaves only the centre of its kernel inside; it is kept all the same."""
    return adaptive_rates(rows, columns, branches=branches)


def adaptive_pools(rows: int, columns: int, *, branches: int = 3) -> tuple[int, ...]:
    """Pool sizes of ASSP, not larger than the map's shorter side (but at least 2)."""
    limit = max(2, min(rows, columns))
    return tuple(min(size, limit) for size in adaptive_rates(rows, columns, branches=branches, least=2))
