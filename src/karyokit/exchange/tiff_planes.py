"""Planes of TIFF files, one at a time, refused before decoding where they are too large or unpack to more than they state."""

from __future__ import annotations

import zlib
from collections.abc import Iterator

import numpy as np
from tifffile import TiffFile, TiffPage

from karyokit.checks import problem
from karyokit.exchange.reading import require_size

_ZLIB = {8, 32946}


def tiff_planes(tiff: TiffFile) -> Iterator[np.ndarray]:
    """Each plane of an opened file, (rows, columns), all of one size; ``ValueError`` for colour, other sizes and bombs."""
    pages = list(tiff.pages)
    for page in pages:
        assert isinstance(page, TiffPage)
        if page.shape != (page.imagelength, page.imagewidth) or page.shape != pages[0].shape:
            got = f"{page.shape} after {pages[0].shape}"
            raise ValueError(problem("planes", "be grey and of one size", got, "Save masks or labels, one grey plane each."))
        require_size(page.imagelength, page.imagewidth, planes=len(pages))
    for page in pages:
        assert isinstance(page, TiffPage)
        _refuse_bomb(tiff, page)
        yield page.asarray()


def _refuse_bomb(tiff: TiffFile, page: TiffPage) -> None:
    """Raise ``ValueError`` where a compressed piece of a plane unpacks to more than the whole plane, which needs no memory to see."""
    room = page.nbytes + 65_536 + page.size  # a tile may reach over the border
    if sum(page.databytecounts) > room:
        raise ValueError(problem("plane", f"be stored in {room} bytes", sum(page.databytecounts), "Save it again."))
    if int(page.compression) not in _ZLIB:
        return
    for offset, count in zip(page.dataoffsets, page.databytecounts, strict=True):
        tiff.filehandle.seek(offset)
        if len(zlib.decompressobj().decompress(tiff.filehandle.read(count), room + 1)) > room:
            raise ValueError(problem("plane", f"unpack to at most {room} bytes", "more", "The file is damaged or a trap; save it again."))
