"""Packed bits to numbers on the device that wants them: as bits, grids travel there 32 times as fast."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from ige.grids.kernel import kernel


def unpack_bits(
    bits: Tensor, resolution: int, dtype: torch.dtype = torch.float32, out: Tensor | None = None
) -> Tensor:
    """Return grids (..., R) of 0 and 1 for packed bits (..., ceil(R / 8)), 8 cells a byte, low bit first.

    On a CPU it takes less time than the memory that it fills takes to become available: reuse `out`.

    Args:
        bits: uint8 on any device.
        resolution: R.
        dtype: of the result; bool is as good as uint8.
        out: (..., R) of that type, contiguous and on the same device, to be overwritten and returned.

    Raises:
        ValueError: if `bits` or `out` have another type or shape, or `out` another device.
    """
    if bits.dtype != torch.uint8 or bits.ndim < 1 or bits.shape[-1] != -(-resolution // 8):
        raise ValueError(
            f"bits: expected uint8 (..., {-(-resolution // 8)}), found {bits.dtype} {tuple(bits.shape)}"
        )
    shape = (*bits.shape[:-1], resolution)
    if out is None:
        out = torch.empty(shape, dtype=dtype, device=bits.device)
    elif out.shape != shape or out.dtype != dtype or out.device != bits.device or not out.is_contiguous():
        raise ValueError(
            f"out: expected contiguous {dtype} {shape} on {bits.device}, "
            f"found {out.dtype} {tuple(out.shape)} on {out.device}"
        )
    if bits.device.type != "cpu":
        return _by_shifts(bits, out)
    if resolution % 8:
        whole = unpack_bits(bits, 8 * bits.shape[-1], dtype)
        return out.copy_(whole[..., :resolution])
    if dtype in (torch.uint8, torch.bool):
        _spread_to_bytes(_flat(bits), _flat(out.view(torch.uint8)).view(np.uint64))
    elif dtype == torch.float32:
        _spread_to_floats(_flat(bits), _flat(out))
    else:
        out.copy_(unpack_bits(bits, resolution, torch.uint8))
    return out


def _by_shifts(bits: Tensor, out: Tensor) -> Tensor:
    """Unpack with what every device can do."""
    places = torch.arange(8, dtype=torch.uint8, device=bits.device)
    cells = (bits.unsqueeze(-1) >> places).bitwise_and_(1).flatten(-2)
    return out.copy_(cells[..., : out.shape[-1]])


def _flat(tensor: Tensor) -> NDArray[Any]:
    flat: NDArray[Any] = tensor.contiguous().view(-1).numpy()
    return flat


@kernel
def _spread_to_bytes(bits: NDArray[np.uint8], out: NDArray[np.uint64]) -> None:
    """Write 8 bytes of 0 or 1 per byte of bits, the lowest first, as one word of a little-endian machine."""
    for i in range(len(bits)):
        word = np.uint64(bits[i]) * np.uint64(0x0101010101010101) & np.uint64(0x8040201008040201)
        # Each byte is now 0 or one bit: carry it to the byte's highest, then down to its lowest.
        word = word + np.uint64(0x7F7F7F7F7F7F7F7F) >> np.uint64(7)
        out[i] = word & np.uint64(0x0101010101010101)


@kernel
def _spread_to_floats(bits: NDArray[np.uint8], out: NDArray[np.float32]) -> None:
    """Write 8 floats of 0 or 1 per byte of bits, the lowest bit first."""
    for i in range(len(bits)):
        byte = bits[i]
        for k in range(8):
            out[8 * i + k] = np.float32((byte >> k) & 1)
