"""From maps of foreground, borders and overlap zones to whole chromosomes."""

from karyokit.reconstruction.options import ReconstructionOptions
from karyokit.reconstruction.reconstruct import Reconstructed, reconstruct

__all__ = ["Reconstructed", "ReconstructionOptions", "reconstruct"]
