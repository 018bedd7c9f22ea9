"""From a metaphase picture to a cell of separated, classified chromosomes: the one place where the stages meet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

import numpy as np
from scipy import ndimage

from karyokit.checks import NothingFound
from karyokit.chromosomes import CLASS_NAMES, Cell, Chromosome, Polarity, Region
from karyokit.exchange import draw_overlay, write_measurements
from karyokit.files import make_folder
from karyokit.inference import Maps, Model, classify_pictures, default_model, load_model, separation_maps
from karyokit.karyotype.assignment import assign_classes
from karyokit.karyotype.classifier_input import classifier_input
from karyokit.karyotype.iscn import numerical_iscn
from karyokit.karyotype.karyogram import draw_karyogram
from karyokit.karyotype.measurements import Measurements, measure
from karyokit.karyotype.orientation import upright_angle, upright_picture
from karyokit.karyotype.report import karyogram_pdf
from karyokit.karyotype.straightening import StraightChromosome, straighten
from karyokit.pictures import Picture, picture_from_array, read_picture, write_png
from karyokit.reconstruction import Reconstructed, ReconstructionOptions, reconstruct
from karyokit.staining import chromosome_width, resolve_stain, to_density
