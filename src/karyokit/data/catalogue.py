"""The data sets KaryoKit reads: what they are, where they are published, under which terms, and whether they are here."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class RemoteFile:
    """A published file: ``sha256`` and ``size`` (bytes) are None where the publisher states none."""

    address: str
    name: str
    sha256: str | None = None
    size: int | None = None


@dataclass(frozen=True)
class DataSet:
    """One entry of the catalogue.

    ``files`` can be fetched without an account; where there are none, ``instructions`` says how to get the set.
    ``folder`` is where it lies below the data folder, ``markers`` are paths below that of which one shows that it is there.
    """

    what: str
    count: str
    licence: str
    folder: str
    markers: tuple[str, ...]
    files: tuple[RemoteFile, ...] = ()
    instructions: str = ""


_DEEPFISH = "https://github.com/jeanpat/DeepFISH/raw/master/dataset/"

CATALOGUE: dict[str, DataSet] = {
    "mfish": DataSet(
        what="whole metaphase cells, DAPI, class per pixel (ADIR M-FISH set, 2000)",
        count="144 cells with truth, 17 extreme cells without; 200 in the publisher's set",
        licence="use, modify, distribute for any purpose, keep NOTICE.txt",
        folder="mfish",
        markers=("splits.json", "A01_XY", "P01_XY", "V01_XY", "V13_XY"),
        instructions="The set was published by Advanced Digital Imaging Research (ADIR). Put its folders A01_XY ... into mfish/.",
    ),
    "pommier": DataSet(
        what="one DAPI + Cy3 metaphase, source of the 13,434 overlapping pairs (Pommier, DeepFISH)",
        count="1 cell",
        licence="none stated",
        folder="pommier",
        markers=("DAPI.png", "DAPI.tif"),
        files=(RemoteFile(_DEEPFISH + "DAPI.tif", "DAPI.tif"), RemoteFile(_DEEPFISH + "Cy3.tif", "Cy3.tif")),
    ),
    "pairs": DataSet(
        what="overlapping pairs generated from the Pommier metaphase, 94 x 93 pixels",
        count="13,434 pairs",
        licence="none stated",
        folder="pairs",
        markers=("LowRes_13434_overlapping_pairs.h5",),
        files=(RemoteFile(_DEEPFISH + "LowRes_13434_overlapping_pairs.h5", "LowRes_13434_overlapping_pairs.h5"),),
    ),
    "pairs-cleaned": DataSet(
        what="the same pairs with cleaned label maps",
        count="13,434 pairs",
        licence="none stated",
        folder="pairs",
        markers=("Cleaned_LowRes_13434_overlapping_pairs.h5",),
        instructions=(
            "Kaggle needs an account: sign in at https://www.kaggle.com/datasets/jeanpat/overlapping-chromosomes, download "
            "Cleaned_LowRes_13434_overlapping_pairs.h5 and put it into pairs/."
        ),
    ),
    "gband_cells": DataSet(
        what="whole G-banded metaphase cells with a box and class per chromosome (Tseng et al., Sci Data 10:104, 2023)",
        count="5,000 cells, 229,852 boxes; 750 cells in the shared folder",
        licence="check before redistribution",
        folder="gband_cells",
        markers=("train.json", "24_chromosomes_object", "single_chromosomes_object"),
        instructions=(
            "Follow 'Data availability' at https://doi.org/10.1038/s41597-023-02003-7 (also http://www.cellimagelibrary.org/pages/"
            "auto_chromosome_detector), and put 24_chromosomes_object/ and single_chromosomes_object/ into gband_cells/."
        ),
    ),
    "gband_singles": DataSet(
        what="single G-banded chromosomes, upright (Passau Pki-3)",
        count="24,686 chromosomes of 537 cells and 326 cases",
        licence="none stated",
        folder="singles",
        markers=("gband_singles.npz", "gband"),
        instructions="Put gband_singles.npz into singles/, or the publisher's folders of pictures into singles/gband/.",
    ),
    "qband_singles": DataSet(
        what="single Q-banded chromosomes, any angle (BioImLab, Padova)",
        count="4,784 chromosomes of 104 cells; 5,474 of 119 in the publisher's set",
        licence="publicly available for download per its 2012 paper",
        folder="singles",
        markers=("qband_singles.npz", "qband"),
        instructions=(
            "See http://bioimlab.dei.unipd.it/Automatic%20Karyotyping%20Classification.htm; put the folders of pictures, one per "
            "cell, into singles/qband/."
        ),
    ),
    "chromseg": DataSet(
        what="crops of crossing chromosomes with foreground and overlap masks (ChromSeg, 2020)",
        count="345 crops, 230 for training and 115 for testing",
        licence="none stated",
        folder="chromseg",
        markers=("train", "test", "image_1.png"),
        instructions="See http://www.bio8.cs.hku.hk/bibm/; put image_<id>, binary_label1_<id> and binary_label2_<id> into chromseg/.",
    ),
    "autokary2022": DataSet(
        what="whole G-banded metaphase cells with labelme polygons of 24 classes (AutoKary2022)",
        count="612 cells",
        licence="cite the ICME 2023 paper; see the LICENSE file beside its download link",
        folder="autokary2022",
        markers=("train", "train_labelme"),
        instructions=(
            "The download link and its code are at https://github.com/wangjuncongyu/chromosome-instance-segmentation-dataset; put the "
            "folders train and test into autokary2022/."
        ),
    ),
}
"""All data sets by name. Addresses are those of the papers and the publishers' own pages."""


@dataclass(frozen=True)
class Listed:
    """One line of `karyokit data list`."""

    name: str
    what: str
    count: str
    licence: str
    present: bool
    fetchable: bool


def listing(root: str | os.PathLike[str]) -> list[Listed]:
    """Every data set of the catalogue, and whether it lies below the data folder ``root`` (which need not exist)."""
    return [
        Listed(name, entry.what, entry.count, entry.licence, present(name, root), bool(entry.files)) for name, entry in CATALOGUE.items()
    ]


def present(name: str, root: str | os.PathLike[str]) -> bool:
    """Does one of the set's marker files or folders lie below ``root``?"""
    entry = CATALOGUE[name]
    return any((Path(root) / entry.folder / marker).exists() for marker in entry.markers)
