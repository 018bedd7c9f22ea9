"""Correcting analysed cells by hand: a case file that logs every edit, and what follows from it. No web, no windows."""
