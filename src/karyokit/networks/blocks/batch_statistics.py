"""Batch norm that uses the batch's own mean and variance in evaluation too."""

from __future__ import annotations

from torch import nn


def keep_batch_statistics(network: nn.Module) -> None:
    """Make every batch norm of ``network`` ignore running statistics, in place.

    A layer that is applied several times with shared weights (R2U-Net) mixes maps of different statistics in its running mean, which
    then fits none of them; AMFL's authors evaluate these networks in training mode for that reason (systems specification 3.4).
    The answer for one picture then depends on the batch it lies in.
    """
    for part in network.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.track_running_stats = False
            part.running_mean = part.running_var = part.num_batches_tracked = None
