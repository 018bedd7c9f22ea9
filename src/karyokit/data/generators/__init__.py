"""Generators of pairs, clusters and whole cells with exact truth as overlapping masks."""
