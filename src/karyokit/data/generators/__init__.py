"""Generators of pairs, clusters and whole cells with exact truth as overlapping masks.

``cells.compose_cell`` and ``composing.compose_cluster`` lay ``records.Single`` chromosomes down, from real pictures
(``library.SinglesLibrary``) or drawn without any data (``procedural``).
"""
