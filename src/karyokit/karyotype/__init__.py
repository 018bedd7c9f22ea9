"""From separated chromosomes to a karyogram: upright, straightened, measured, assigned to classes and laid out."""
