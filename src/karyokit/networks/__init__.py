"""The networks by name, and the one function that builds them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import nn

from karyokit.checks import lookup
from karyokit.networks.amfl_unets import attention_unet, plain_unet, r2_attention_unet, r2_unet
from karyokit.networks.arms_net import arms_net, arms_unet, arms_unet_ar, arms_unet_dar, arms_unet_pr, arms_unet_r
from karyokit.networks.bisenet_v1 import BiSeNetV1
from karyokit.networks.bisenet_v2 import BiSeNetV2
from karyokit.networks.cascade_mask_rcnn import cascade_mask_rcnn
from karyokit.networks.ce_net import CENet
from karyokit.networks.chromosome_classifier import ChromosomeClassifier
from karyokit.networks.chromseg_unet import ChromSegUNet
from karyokit.networks.chromseg_unetpp import RegionGuidedUNetPP
from karyokit.networks.compact_unet import CompactUNet
from karyokit.networks.deeplab_v3_plus import DeepLabV3Plus
from karyokit.networks.enet import ENet
from karyokit.networks.hu_unet import HuUNet, saleh_unet
from karyokit.networks.mask_rcnn import mask_rcnn
from karyokit.networks.nested_unet import NestedUNet
from karyokit.networks.rse_unet import RSEUNet
from karyokit.networks.segnet import SegNet


@dataclass(frozen=True)
class NetworkEntry:
    """How to build a network, what it is for, and where it comes from."""

    build: Callable[..., nn.Module]
    task: str
    source: str


NETWORKS: dict[str, NetworkEntry] = {
    "compact_unet": NetworkEntry(CompactUNet, "separation", "our own; U-Net pattern of Ronneberger et al. 2015"),
    "chromosome_classifier": NetworkEntry(ChromosomeClassifier, "classification", "our own; residual blocks of He et al. 2016"),
    "chromseg_unetpp": NetworkEntry(RegionGuidedUNetPP, "clusters", "Cao et al., ChromSeg, BIBM 2020"),
    "chromseg_unet": NetworkEntry(ChromSegUNet, "clusters", "U-Net baseline of Cao et al., ChromSeg, BIBM 2020"),
    "arms_net": NetworkEntry(arms_net, "pairs", "Wang et al., ARMS Net, Biomed. Signal Process. Control 2021"),
    "arms_unet": NetworkEntry(arms_unet, "pairs", "UNet of the ablation of ARMS Net"),
    "arms_unet_r": NetworkEntry(arms_unet_r, "pairs", "UNet (R) of the ablation of ARMS Net"),
    "arms_unet_pr": NetworkEntry(arms_unet_pr, "pairs", "UNet (PR) of the ablation of ARMS Net"),
    "arms_unet_ar": NetworkEntry(arms_unet_ar, "pairs", "UNet (AR) of the ablation of ARMS Net"),
    "arms_unet_dar": NetworkEntry(arms_unet_dar, "pairs", "UNet (DAR) of the ablation of ARMS Net"),
    "ce_net": NetworkEntry(CENet, "pairs", "ARMS and RSE baseline; Gu et al. 2019"),
    "hu_unet": NetworkEntry(HuUNet, "pairs", "Hu et al., arXiv 1712.07639, 2017"),
    "saleh_unet": NetworkEntry(saleh_unet, "pairs", "Saleh et al. 2019; trained and predicted as Hu et al."),
    "rse_unet": NetworkEntry(RSEUNet, "pairs", "Wang, Ma and Zhang, RSE-UNet, 2023"),
    "segnet": NetworkEntry(SegNet, "pairs", "Badrinarayanan et al., SegNet, TPAMI 2017; baseline of RSE-UNet"),
    "nested_unet": NetworkEntry(NestedUNet, "pairs", "Mei et al., AMFL, Entropy 2022; UNet++ of Zhou et al. 2020"),
    "amfl_unet": NetworkEntry(plain_unet, "pairs", "AMFL baseline; Ronneberger et al. 2015"),
    "r2_unet": NetworkEntry(r2_unet, "pairs", "AMFL baseline; Alom et al. 2019"),
    "attention_unet": NetworkEntry(attention_unet, "pairs", "AMFL baseline; Oktay et al. 2018"),
    "r2_attention_unet": NetworkEntry(r2_attention_unet, "pairs", "AMFL baseline; Alom et al. 2019 with gates of Oktay et al. 2018"),
    "enet": NetworkEntry(ENet, "pairs", "AMFL baseline; Paszke et al. 2016"),
    "bisenet_v1": NetworkEntry(BiSeNetV1, "pairs", "AMFL baseline; Yu et al. 2018"),
    "bisenet_v2": NetworkEntry(BiSeNetV2, "pairs", "AMFL baseline; Yu et al. 2020"),
    "deeplab_v3_plus": NetworkEntry(DeepLabV3Plus, "pairs", "AMFL and RSE baseline; Chen et al. 2018"),
    "cascade_mask_rcnn": NetworkEntry(cascade_mask_rcnn, "instances", "Cai and Vasconcelos 2019; detector of KEMR-Net"),
    "mask_rcnn": NetworkEntry(mask_rcnn, "instances", "He et al. 2017; baseline of KEMR-Net"),
}


def build_network(name: str, **options: Any) -> nn.Module:
    """The network of that name with its options; unknown names list the known ones."""
    return lookup(NETWORKS, name, "network").build(**options)


def parameter_count(network: nn.Module) -> int:
    """Number of trained values."""
    return sum(parameter.numel() for parameter in network.parameters())


def parameter_counts() -> dict[str, int]:
    """Trained values of every network with its default options; nothing is filled with numbers, so this is quick."""
    with torch.device("meta"):
        return {name: parameter_count(build_network(name)) for name in NETWORKS}
