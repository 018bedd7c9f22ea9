"""Pictures of the documentation, all of them of the drawn example cells.

    karyokit karyotype examples/cells -o demo-output
    python docs/draw_pictures.py demo-output docs/pictures

The picture of the review page needs Playwright and Chromium.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageOps

EXAMPLES = Path(__file__).resolve().parents[1] / "examples" / "cells"
COLOURS = 160
"""Colours that are kept beside 96 greys; the pictures stay small and lose nothing that one would see."""


def main(arguments: Sequence[str]) -> int:
    """Command line: the folder of results and the folder to draw into; 0 done, 2 wrong usage."""
    if len(arguments) != 2:
        sys.stderr.write("usage: python docs/draw_pictures.py RESULTS PICTURES\n")
        return 2
    results, pictures = Path(arguments[0]), Path(arguments[1])
    pictures.mkdir(parents=True, exist_ok=True)
    for cell in ("gband", "dapi"):
        folder = results / f"{cell}_example"
        save(Image.open(folder / "overlay.png"), pictures / f"{cell}_overlay.png", width=1000)
        save(Image.open(folder / "karyogram.png"), pictures / f"{cell}_karyogram.png", width=1100)
    for name, (cell, numbers) in CLOSE_UPS.items():
        save(close_up(results, cell, numbers), pictures / f"{name}.png")
    save(side_by_side(results / "gband_example", CROSSING), pictures / "crossing_parts.png")
    with served(results) as address:
        photograph(address, pictures / "review_page.png")
    return 0


CROSSING = (33, 34)
"""The two chromosomes of the G-band example that are shown alone."""

CLOSE_UPS: dict[str, tuple[str, tuple[int, ...]]] = {
    "crossing": ("gband_example", CROSSING),
    "joined_23": ("gband_example", (23, 30)),
    "joined_35": ("gband_example", (35,)),
}
"""Parts of an overlay that the text speaks of: the cell and the numbers of the chromosomes in view."""


def save(picture: Image.Image, path: Path, *, width: int = 0) -> None:
    """Write a picture with few colours, made narrower where it is wider than ``width``."""
    if width and picture.width > width:
        picture = picture.resize((width, round(picture.height * width / picture.width)), Image.Resampling.LANCZOS)
    picture = picture.convert("RGB")
    picture.quantize(palette=palette_of(picture), dither=Image.Dither.NONE).save(path, optimize=True)


def palette_of(picture: Image.Image) -> Image.Image:
    """A palette of greys and, apart from them, the colours of outlines and stripes, which are too few pixels to count otherwise."""
    pixels = np.asarray(picture).reshape(-1, 3)
    coloured = pixels[np.ptp(pixels, axis=1) > 24]
    greys = np.repeat(np.linspace(0, 255, 256 - COLOURS).astype(np.uint8)[:, None], 3, axis=1)
    found = Image.fromarray(coloured[None]).quantize(COLOURS).getpalette() if len(coloured) else []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*greys.ravel().tolist(), *(found or [])])
    return palette


def close_up(results: Path, cell: str, numbers: Sequence[int], *, margin: int = 12, zoom: int = 2) -> Image.Image:
    """The part of a cell's overlay that holds these chromosomes, enlarged."""
    overlay = Image.open(results / cell / "overlay.png").convert("RGB")
    document = json.loads((results / "annotations.json").read_text(encoding="utf-8"))
    image = next(one for one in document["images"] if Path(one["file_name"]).stem == cell)
    scale = overlay.width / image["width"]
    boxes = [one["bbox"] for one in document["annotations"] if one["image_id"] == image["id"] and one["attributes"]["number"] in numbers]
    left, top = min(box[0] for box in boxes) - margin, min(box[1] for box in boxes) - margin
    right, bottom = max(box[0] + box[2] for box in boxes) + margin, max(box[1] + box[3] for box in boxes) + margin
    part = overlay.crop(tuple(round(scale * side) for side in (left, top, right, bottom)))
    return part.resize((zoom * part.width, zoom * part.height), Image.Resampling.BICUBIC)


def side_by_side(folder: Path, numbers: Sequence[int], *, zoom: int = 3) -> Image.Image:
    """For each chromosome: as seen, restored under the crossing, and straightened; on the first one's background."""
    names = [name for number in numbers for name in (f"chromosome_{number:02}_as_seen", f"chromosome_{number:02}", f"straight_{number:02}")]
    parts = [Image.open(folder / f"{name}.png").convert("L") for name in names]
    parts = [part.resize((zoom * part.width, zoom * part.height), Image.Resampling.BICUBIC) for part in parts]
    paper = parts[0].getpixel((0, 0))
    page = Image.new("L", (sum(part.width + 24 for part in parts), max(part.height for part in parts) + 24), paper)
    place = 12
    for part in parts:
        page.paste(part, (place, (page.height - part.height) // 2))
        place += part.width + 24
    return ImageOps.expand(page, 1, fill=128)


@contextmanager
def served(results: Path) -> Iterator[str]:
    """The address of a review server on a copy of the annotations."""
    with tempfile.TemporaryDirectory() as folder:
        case = Path(folder) / "example-case"
        case.mkdir()
        shutil.copy(results / "annotations.json", case)
        start = "from karyokit.cli import main; main()"
        command = [sys.executable, "-c", start, "serve", str(case), "--pictures", str(EXAMPLES), "--port", "0"]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            try:
                line = server.stdout.readline() if server.stdout else ""
                found = re.search(r"http://\S+", line)
                if not found:
                    raise RuntimeError(f"The review server said {line!r} where its address was expected. Run `karyokit serve` to see why.")
                yield found.group()
            finally:
                server.terminate()


DRAWN = "(all => all.length > 20 && all.every(one => one.complete))([...document.querySelectorAll('#karyogram img')])"
"""Whether the page has all pictures of its karyogram."""


def photograph(address: str, path: Path) -> None:
    """The review page with the G-band example open."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as driver:
        program = shutil.which("chromium") or driver.chromium.executable_path
        browser: Any = driver.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1360, "height": 860}, reduced_motion="reduce", bypass_csp=True)
        page.set_default_timeout(180_000)
        page.goto(f"{address}#cell=2")
        page.wait_for_function(DRAWN)
        page.wait_for_timeout(1000)
        page.screenshot(path=str(path))
        browser.close()
    save(Image.open(path), path)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
