"""The main job run over a split of a real data set and held against its truth."""

from karyokit.evaluation.sets import EVALUATIONS, EvaluationOptions

__all__ = ["EVALUATIONS", "EvaluationOptions"]
