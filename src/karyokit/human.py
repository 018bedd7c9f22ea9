"""Proportions of human chromosomes: relative lengths and centromeric indices, classes 1..22, X, Y.

Values of the Paris Conference (1971), as they are usually tabulated; entered by hand.
"""

from __future__ import annotations

RELATIVE_LENGTHS: tuple[float, ...] = (
    *(8.44, 8.02, 6.83, 6.30, 6.08, 5.90, 5.36, 4.93, 4.80, 4.59, 4.61, 4.66),
    *(3.74, 3.56, 3.46, 3.36, 3.25, 2.93, 2.67, 2.56, 1.90, 2.04, 5.12, 2.15),
)
"""Length in percent of the haploid autosomes."""

CENTROMERIC_INDICES: tuple[float, ...] = (
    *(48.36, 39.23, 46.95, 29.07, 29.25, 39.05, 39.05, 34.08, 35.43, 33.95, 40.14, 30.16),
    *(17.08, 18.74, 20.30, 41.33, 33.86, 30.93, 46.54, 45.45, 30.89, 30.48, 40.12, 27.17),
)
"""Length of the p arm in percent of the chromosome."""
