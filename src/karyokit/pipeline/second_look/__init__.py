"""A second look at doubtful chromosomes, once they are named: other ways to take them apart, held against the first."""

from karyokit.pipeline.second_look.looking import look_again, weighed_proposals
from karyokit.pipeline.second_look.weighing import EARLY_SIGNS, SIGNS, SecondLook, WayWeights, Weighed, fitted

__all__ = ["EARLY_SIGNS", "SIGNS", "SecondLook", "WayWeights", "Weighed", "fitted", "look_again", "weighed_proposals"]
