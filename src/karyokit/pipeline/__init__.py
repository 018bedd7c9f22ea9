"""From a metaphase picture to a cell of separated, classified chromosomes: the one place where the stages meet."""

from karyokit.pipeline.analysed_cell import AnalysedCell
from karyokit.pipeline.models import check_choices
from karyokit.pipeline.naming import analyse, name_chromosomes
from karyokit.pipeline.saving import save_cell
from karyokit.pipeline.separating import rebuild, separate
from karyokit.pipeline.singles import classify_picture, name_together, names_of_cell, see_single, single_canvas

__all__ = [
    "AnalysedCell",
    "analyse",
    "check_choices",
    "classify_picture",
    "name_chromosomes",
    "name_together",
    "names_of_cell",
    "rebuild",
    "save_cell",
    "see_single",
    "separate",
    "single_canvas",
]
