"""What the machine offers: processors, device, disk."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from ige.doctor.check import Check

_RESERVE = 1.2  # of the estimated need that must be free: estimates are rough


def processors() -> int:
    """Count the processors that this process may use."""
    return len(os.sched_getaffinity(0))


def check_processors() -> Check:
    """Tell how many cores `--cores all` means."""
    return Check("processors", "ok", f"{processors()} (snakemake --cores {processors()})")


def check_device() -> Check:
    """Tell where torch computes by default."""
    try:
        import torch

        from ige.training.devices import choose_device
    except (ImportError, OSError) as error:
        first_line = str(error).partition("\n")[0]
        return Check(
            "device", "missing", f"torch cannot be imported: {first_line}", "Install torch by its pin"
        )
    device = choose_device("auto")
    if device.type == "cpu":
        found = f"CPU (torch {torch.__version__} sees no GPU)"
        if shutil.which("nvidia-smi") is None:
            return Check("device", "ok", found)
        advice = "nvidia-smi is there: install the CUDA build of torch, or mend the driver"
        return Check("device", "warning", found, advice)
    return Check("device", "ok", f"GPU: {torch.cuda.get_device_name(device)}")


def check_disk(folder: Path, needed_bytes: float) -> Check:
    """Compare the free disk below a folder with what is still to be written."""
    existing = next(parent for parent in (folder, *folder.absolute().parents) if parent.is_dir())
    free = shutil.disk_usage(existing).free
    found = f"{gigabytes(free)} free, {gigabytes(needed_bytes)} still to be written"
    if free < _RESERVE * needed_bytes:
        return Check("disk", "missing", found, f"Make room on the disk of {existing}")
    return Check("disk", "ok", found)


def gigabytes(number: float) -> str:
    """Write a number of bytes as people read it."""
    return f"{number / 1e9:.1f} GB" if number >= 1e8 else f"{number / 1e6:.0f} MB"
