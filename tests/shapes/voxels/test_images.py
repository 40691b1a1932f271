from __future__ import annotations

import torch

from ige.shapes.voxels.images import network_input


def random_rgba(count: int) -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randint(0, 256, (count, 4, 16, 16), generator=generator, dtype=torch.uint8)


def test_an_image_by_hand() -> None:
    rgba = torch.zeros(1, 4, 1, 2, dtype=torch.uint8)
    rgba[0, :, 0, 0] = torch.tensor([255, 0, 0, 51])  # a fifth of red over white: (255, 204, 204)
    rgba[0, :, 0, 1] = torch.tensor([7, 8, 9, 0])  # nothing over white: (255, 255, 255)
    seen = torch.tensor([[255.0, 255.0], [204.0, 255.0], [204.0, 255.0]])
    expected = (seen - 238.0) / ((4 * 17.0**2 + 2 * 34.0**2) / 6) ** 0.5
    torch.testing.assert_close(network_input(rgba)[0, :, 0], expected)


def test_each_image_has_mean_zero_and_variance_one() -> None:
    rgba = random_rgba(3)
    rgba[1, :3] //= 10  # a dark one
    seen = network_input(rgba)
    assert seen.shape == (3, 3, 16, 16)
    assert seen.dtype == torch.float32
    torch.testing.assert_close(seen.mean((1, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(seen.square().mean((1, 2, 3)), torch.ones(3))


def test_images_do_not_see_each_other() -> None:
    rgba = random_rgba(3)
    torch.testing.assert_close(network_input(rgba)[1:2], network_input(rgba[1:2]))


def test_an_image_of_one_colour_is_zero() -> None:
    for colour in ([255, 255, 255, 255], [10, 20, 30, 0], [77, 77, 77, 255]):
        rgba = torch.tensor(colour, dtype=torch.uint8)[None, :, None, None].expand(1, 4, 8, 8)
        assert not network_input(rgba).any()


def test_one_pixel_that_differs_is_seen() -> None:
    rgba = torch.full((1, 4, 128, 128), 255, dtype=torch.uint8)
    rgba[0, 0, 3, 4] = 254
    seen = network_input(rgba)
    torch.testing.assert_close(seen.square().mean(), torch.tensor(1.0))
    assert int(seen.argmin()) == 3 * 128 + 4
