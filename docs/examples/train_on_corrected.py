"""Train on cells corrected on the review page: python train_on_corrected.py RECIPE DATA"""

import sys
from pathlib import Path

from karyokit import read_coco, read_picture
from karyokit.data.records import AnnotatedCell
from karyokit.data.separation_sources import SOURCES
from karyokit.data.separation_targets import SeparationSample, sample_of
from karyokit.data.splits import split_of_group


def corrected_samples(data: str, split: str, *, folder: str = "corrected") -> list[SeparationSample]:
    """Cells of DATA/corrected, divided by the names of their pictures, 70/15/15 in the long run."""
    place = Path(data) / folder
    cells = [cell for cell in read_coco(place / "annotations.json") if split_of_group(cell.name) == split]
    return [
        sample_of(
            AnnotatedCell.of_chromosomes(
                cell.name,
                read_picture(place / cell.name).pixels,
                [(one.region, one.category) for one in cell.chromosomes],
                stain=cell.stain,
            )
        )
        for cell in cells
    ]


SOURCES["corrected"] = corrected_samples

if __name__ == "__main__":
    from karyokit.training.run import train_recipe

    train_recipe(Path(sys.argv[1]), data=sys.argv[2])
