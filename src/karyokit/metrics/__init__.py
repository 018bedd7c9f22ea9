"""How good is a result: the protocols of the five papers, and scores of whole cells.

All functions take plain numpy arrays, never change them, and give shares in 0..1 (the papers print them times 100).
A score that has nothing to measure is NaN; a mean over images leaves NaN out.
"""
