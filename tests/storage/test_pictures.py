import numpy as np
import pytest
from PIL import Image

from ige.base.errors import InputError
from ige.storage.pictures import write_picture


@pytest.mark.parametrize(("channels", "mode"), [(3, "RGB"), (4, "RGBA")])
def test_pixels_come_back(tmp_path, channels, mode):
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, channels), dtype=np.uint8)
    write_picture(tmp_path / "a.png", pixels)
    with Image.open(tmp_path / "a.png") as image:
        assert image.mode == mode
        np.testing.assert_array_equal(np.asarray(image), pixels)


def test_other_formats_are_refused(tmp_path):
    with pytest.raises(InputError, match=r"a\.jpg: unknown suffix: expected \.png, found \.jpg"):
        write_picture(tmp_path / "a.jpg", np.zeros((2, 2, 3), dtype=np.uint8))
