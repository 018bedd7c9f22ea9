"""Refinement of single masks by a fully connected conditional random field (KEMR-Net, section "Knowledge building and reasoning")."""

from karyokit.reconstruction.crf.instance import InstanceCrop, cut_out
from karyokit.reconstruction.crf.options import RefineOptions
from karyokit.reconstruction.crf.parameters import CrfParameters
from karyokit.reconstruction.crf.probabilities import maps_to_probabilities, masks_to_probabilities
from karyokit.reconstruction.crf.refine import Refined, refine_crop, refine_instance, refine_instances
from karyokit.reconstruction.crf.search import Example, SearchResult, SearchSpace, make_example, search_parameters

__all__ = [
    "CrfParameters",
    "Example",
    "InstanceCrop",
    "RefineOptions",
    "Refined",
    "SearchResult",
    "SearchSpace",
    "cut_out",
    "make_example",
    "maps_to_probabilities",
    "masks_to_probabilities",
    "refine_crop",
    "refine_instance",
    "refine_instances",
    "search_parameters",
]
