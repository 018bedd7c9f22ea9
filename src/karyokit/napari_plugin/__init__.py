"""A napari plugin: opens and saves cells in every format of KaryoKit; it needs nothing of napari itself."""

from __future__ import annotations

from karyokit.napari_plugin.files import get_reader, write_layers

__all__ = ["get_reader", "write_layers"]
