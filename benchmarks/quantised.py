"""An int8 variant of a separation network: how much quicker, and what becomes of its maps.

    python benchmarks/quantised.py DATA STAIN FOLDER [--cells 16]

Weights and activations are quantised by ONNX Runtime (QDQ, per channel), the ranges found on training cells; FOLDER/NAME_int8.onnx and its
card are written, which `karyokit evaluate SET --model FOLDER/NAME_int8.onnx` takes. Prints the time of both networks on further training
cells with one thread, and how far the probabilities of their maps lie apart.
"""

from __future__ import annotations

import argparse
import shutil
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import onnxruntime
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from karyokit.data import gband_cells, mfish
from karyokit.inference import default_model, load_model, separation_maps
from karyokit.inference.registry import seal_card
from karyokit.inference.separator import fed, model_shape, resize_plane
from karyokit.staining import chromosome_width, to_density

SIDE = 384
"""Side in pixels of the middle of a picture that ranges are found on."""
COMPARED = 6


def densities(data: Path, stain: str) -> Iterator[tuple[np.ndarray, float]]:
    """Density picture and chromosome width of the training cells of a stain."""
    cells = gband_cells.cells(data / "gband_cells", "train") if stain == "brightfield" else mfish.cells(data / "mfish", "train")
    for cell in cells:
        density = to_density(cell.image, stain)
        yield density, chromosome_width(density)


class Calibration(CalibrationDataReader):
    """Pictures that ONNX Runtime finds the ranges of activations on."""

    def __init__(self, batches: list[np.ndarray], name: str) -> None:
        self.feeds = iter([{name: batch} for batch in batches])

    def get_next(self) -> dict[str, np.ndarray] | None:
        """The next picture, None after the last."""
        return next(self.feeds, None)


def middle(plane: np.ndarray) -> np.ndarray:
    """(SIDE, SIDE) pixels from the middle of a picture, background around a smaller one."""
    padded = np.pad(plane, [(max(0, SIDE - side) // 2 + 1,) * 2 for side in plane.shape])
    top, left = ((side - SIDE) // 2 for side in padded.shape)
    return padded[top : top + SIDE, left : left + SIDE]


def main() -> None:
    """Quantise, write, compare."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("stain", choices=["brightfield", "fluorescence"])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--cells", type=int, default=16)
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    model = default_model("separation", given.stain, threads=1)
    source = model.path
    name = f"{model.card.name}_int8"
    found = list(islice(densities(given.data, given.stain), given.cells + COMPARED))
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
    options.optimized_model_filepath = str(given.folder / "folded.onnx")
    session = onnxruntime.InferenceSession(str(source), options, providers=["CPUExecutionProvider"])
    batches = [
        fed(middle(resize_plane(density, model_shape((density.shape[0], density.shape[1]), width, model.card.width_px))), model.card)
        for density, width in found[: given.cells]
    ]
    reader = Calibration(batches, session.get_inputs()[0].name)
    quantize_static(
        options.optimized_model_filepath,
        str(given.folder / f"{name}.onnx"),
        reader,
        quant_format=QuantFormat.QDQ,
        per_channel=True,
        activation_type=QuantType.QUInt8,
        weight_type=QuantType.QInt8,
        op_types_to_quantize=["Conv", "ConvTranspose"],
    )
    shutil.copy(source.with_suffix(".safetensors"), given.folder / f"{name}.safetensors")
    seal_card(model.card.model_copy(update={"name": name, "default_for": []}), given.folder)
    quantised = load_model(given.folder / f"{name}.onnx", threads=1)
    for density, width in found[given.cells :]:
        maps, seconds = [], []
        for one in (model, quantised):
            separation_maps(one, density, width)
            start = time.process_time()
            maps.append(separation_maps(one, density, width))
            seconds.append(time.process_time() - start)
        gaps = [float(np.abs(getattr(maps[0], key) - getattr(maps[1], key)).mean()) for key in ("foreground", "border", "overlap")]
        words = ", ".join(f"{key} {gap:.4f}" for key, gap in zip(("foreground", "border", "overlap"), gaps, strict=True))
        print(f"{density.shape[0]}x{density.shape[1]}: {seconds[0]:.2f} s, int8 {seconds[1]:.2f} s; mean difference {words}")


if __name__ == "__main__":
    main()
