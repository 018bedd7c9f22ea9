"""`karyokit refine`: masks of a picture drawn closer to what the picture shows."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    import numpy as np


def refine(
    image: Annotated[Path, typer.Option("--image", help="The grey picture.")],
    masks: Annotated[Path, typer.Option("--masks", metavar="MASKS.npz", help="`masks` (n, rows, columns), as `reconstruct` writes them.")],
    output: Annotated[Path, typer.Option("--output", "-o", metavar="OUT.npz", help="File for the refined masks.")],
    store: Annotated[
        Path | None, typer.Option("--store", metavar="FOLDER", help="Knowledge store with learned parameters; start values without it.")
    ] = None,
    freeze_overlap: Annotated[bool, typer.Option("--freeze-overlap", help="Leave pixels that masks share as they are.")] = False,
    backend: Annotated[str, typer.Option("--backend", help="window, exact (tiny masks) or permutohedral (needs pydensecrf2).")] = "window",
) -> None:
    """Refine each mask on its own by a fully connected CRF, so that overlaps survive.

    MASKS.npz may hold `probabilities` (n, rows, columns) in 0..1, too; without them they are made from the masks. Writes `masks`
    (n, rows, columns) bool and `actions`, what was done with each, to OUT.npz. A mask that would change too much is kept.
    """
    import numpy as np

    from karyokit.files import atomic_path, require_place
    from karyokit.pictures import read_picture, to_display
    from karyokit.reconstruction.crf import RefineOptions
    from karyokit.reconstruction.nk_dna import KnowledgeStore, load_store, refine_with_store

    require_place(output)
    options = RefineOptions(backend=backend, freeze_overlap=freeze_overlap)
    knowledge = load_store(store) if store else KnowledgeStore()
    grey = read_picture(image, min_side=1).pixels
    given, probabilities = read_masks(masks, (grey.shape[0], grey.shape[1]))
    eight_bit = grey if grey.dtype == np.uint8 else to_display(grey)
    found = refine_with_store(eight_bit, probabilities, given, store=knowledge, options=options)
    refined = np.stack([one.mask for one in found]) if found else given
    actions = np.array(["keep" if one.kept else one.action.kind for one in found], dtype="U8")
    with atomic_path(output) as aside, aside.open("wb") as stream:
        np.savez_compressed(stream, masks=refined, actions=actions)
    typer.echo(f"{len(found)} masks, {int((actions != 'keep').sum())} refined -> {output}")


def read_masks(path: Path, shape: tuple[int, int]) -> tuple[np.ndarray, np.ndarray]:
    """``masks`` and ``probabilities`` of a file, both (n, rows, columns) over a picture of ``shape``.

    Raises ``FileNotFoundError`` for a missing file, ``ValueError`` for one without masks or with masks of another size.
    """
    import numpy as np

    from karyokit.checks import problem
    from karyokit.reconstruction.crf import masks_to_probabilities

    try:
        with path.open("rb") as stream, np.load(stream, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files if name in ("masks", "probabilities")}
    except FileNotFoundError:
        raise FileNotFoundError(f"{path}: there is no such file. Check the path.") from None
    except Exception as error:  # damaged archives fail in zipfile, zlib, struct and numpy's own parser
        how = "Write it with `karyokit reconstruct`, or with numpy.savez(path, masks=...)."
        raise ValueError(problem("masks", "be an .npz file", f"{path} ({error})", how)) from error
    if "masks" not in arrays or arrays["masks"].ndim != 3 or arrays["masks"].shape[1:] != shape:
        got = f"{path} with { ({name: array.shape for name, array in arrays.items()}) }"
        raise ValueError(problem("masks", f"be (n, {shape[0]}, {shape[1]}), the picture's size", got, "Use the masks of this picture."))
    masks = arrays["masks"].astype(bool)
    probabilities = arrays.get("probabilities")
    if probabilities is not None and probabilities.shape != masks.shape:
        how = "Give one map of probabilities for each mask, or none."
        raise ValueError(problem("probabilities", f"be {masks.shape}, as the masks are", f"{path} with {probabilities.shape}", how))
    return masks, masks_to_probabilities(masks) if probabilities is None else probabilities
