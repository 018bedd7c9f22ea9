"""From a metaphase picture to a cell of separated, classified chromosomes: the one place where the stages meet."""

from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.models import check_choices
from karyokit.pipeline.naming import analyse, classify_picture, name_chromosomes, single_chromosome
from karyokit.pipeline.saving import save_cell
from karyokit.pipeline.separating import rebuild, separate

__all__ = [
    "AnalysedCell",
    "analyse",
    "check_choices",
    "classify_picture",
    "name_chromosomes",
    "rebuild",
    "save_cell",
    "separate",
    "single_chromosome",
]
