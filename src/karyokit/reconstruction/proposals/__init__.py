"""Other ways to take chromosomes apart, for those that a first reconstruction leaves in doubt."""

from karyokit.reconstruction.proposals.proposing import Proposal, Way, propose
from karyokit.reconstruction.proposals.signs import ShapeSigns, held_together, shape_signs

__all__ = ["Proposal", "ShapeSigns", "Way", "held_together", "propose", "shape_signs"]
