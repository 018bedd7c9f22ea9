"""From a row of a table, a fold and a scale to the recipe of one run."""

from __future__ import annotations

import hashlib
import inspect
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from karyokit.checks import lookup
from karyokit.reproduction.protocol import Row, System, Table
from karyokit.reproduction.scales import FIRM, SCALES, Reduction

if TYPE_CHECKING:
    from karyokit.training.recipe import Recipe

TASK_OF_KIND = {"pairs": "pairs", "clusters": "clusters", "instances": "instances"}
PAPER_SPLIT = "paper"
"""The name that stands for the split of each table."""


@dataclass(frozen=True)
class Variant:
    """What a reader may choose: the scale, and a split in place of the table's."""

    scale: str = "small"
    split: str = PAPER_SPLIT

    def reduction(self, system: System) -> Reduction:
        """What the scale changes for the system; ``ValueError`` lists the known scales."""
        return lookup(SCALES, self.scale, "scale")[system.kind]


def recipe_of(system: System, table: Table, row: Row, *, fold: int, variant: Variant) -> Recipe:
    """The recipe of one run. Its name tells row and fold; equal runs of different tables get equal recipes but for the name.

    Raises ``ValueError`` for an unknown network or a value that the recipe does not know.
    """
    from karyokit.training.recipe import Recipe, validated

    reduction = variant.reduction(system)
    firm = variant.scale in FIRM
    training = _layers(reduction.training, {**system.training, **table.training, **row.training}, firm)
    settings = _layers(reduction.settings, {**system.settings, **table.settings, **_of_kind(system, table, row, fold, variant)}, firm)
    if "steps" in training:
        training.pop("epochs", None)
    whole = {
        "name": slug(f"{row.label} fold {fold}" if len(table.folds) > 1 else row.label),
        "task": row.task or TASK_OF_KIND[system.kind],
        "network": {"name": row.network, "options": scaled_options(row, reduction.width_mult)},
        "settings": settings,
        "seed": table.seed,
        **training,
    }
    return validated(Recipe, whole, f"{system.name}, table {table.number}, {row.label}")


def digest(recipe: Recipe) -> str:
    """Eight characters that differ wherever two runs would differ."""
    content = recipe.model_dump(exclude={"name", "card"})
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()[:8]


def slug(text: str) -> str:
    """A file name of a label.

    >>> slug("UNet (AAR) 128 px")
    'unet_aar_128_px'
    """
    return re.sub(r"[^a-z0-9.+]+", "_", text.lower()).strip("_")


def scaled_options(row: Row, width_mult: float) -> dict[str, Any]:
    """The row's options with its widths multiplied, where the network can be widened and narrowed.

    >>> scaled_options(Row("a", "compact_unet", {"outputs": 4}), 0.125)
    {'outputs': 4}
    """
    from karyokit.networks import NETWORKS

    parameters = inspect.signature(lookup(NETWORKS, row.network, "network").build).parameters
    open_ended = any(parameter.kind is inspect.Parameter.VAR_KEYWORD for parameter in parameters.values())
    if width_mult == 1.0 or not ("width_mult" in parameters or open_ended):
        return dict(row.options)
    return {**row.options, "width_mult": width_mult * row.options.get("width_mult", 1.0)}


def _of_kind(system: System, table: Table, row: Row, fold: int, variant: Variant) -> Mapping[str, Any]:
    """The row's own settings, behind what pairs take from table and row: split, fold, loss."""
    if system.kind != "pairs":
        return row.settings
    split = table.split if variant.split == PAPER_SPLIT else variant.split
    place = {"split": split, "fold": fold if split == table.split else 0, "split_seed": table.seed}
    return {**place, "loss": row.loss, "loss_options": dict(row.loss_options), **row.settings}


def _layers(scale: Mapping[str, Any], table: Mapping[str, Any], firm: bool) -> dict[str, Any]:
    return {**table, **scale} if firm else {**scale, **table}
