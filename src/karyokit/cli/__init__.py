"""The command line: thin commands over the public functions."""

from __future__ import annotations

from karyokit.cli.app import app, main

__all__ = ["app", "main"]
