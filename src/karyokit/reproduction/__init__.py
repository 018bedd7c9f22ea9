"""The experiments of the published systems: which rows their tables have, how each is trained and scored, and how results are shown."""
