"""The networks by name, and the one function that builds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import nn

from karyokit.checks import lookup
from karyokit.networks.chromosome_classifier import ChromosomeClassifier
from karyokit.networks.compact_unet import CompactUNet


@dataclass(frozen=True)
class NetworkEntry:
    """How to build a network, what it is for, and where it comes from."""

    build: Callable[..., nn.Module]
    task: str
    source: str


NETWORKS: dict[str, NetworkEntry] = {
    "compact_unet": NetworkEntry(CompactUNet, "separation", "our own; U-Net pattern of Ronneberger et al. 2015"),
    "chromosome_classifier": NetworkEntry(ChromosomeClassifier, "classification", "our own; residual blocks of He et al. 2016"),
}


def build_network(name: str, **options: Any) -> nn.Module:
    """The network of that name with its options; unknown names list the known ones."""
    return lookup(NETWORKS, name, "network").build(**options)


def parameter_count(network: nn.Module) -> int:
    """Number of trained values."""
    return sum(parameter.numel() for parameter in network.parameters())
