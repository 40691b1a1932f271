"""Which pictures are read as what, and that all others are one line: damaged ones in every way."""

import io
import struct
import zlib

import numpy as np
import pytest
from numpy.testing import assert_array_equal
from PIL import Image

from ige.base.errors import InputError
from ige.shapes.voxels import image_file
from ige.shapes.voxels.image_file import read_picture

HEIGHT, WIDTH = 24, 20


def colours():
    """(24, 20, 3): a picture whose corners differ, of few colours."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, dtype=np.uint8)
    pixels[:6, :10] = (200, 30, 20)
    pixels[12:, 15:] = (20, 90, 160)
    return pixels


def coloured():
    return Image.fromarray(colours())


def transparent():
    image = coloured().convert("RGBA")
    image.putalpha(Image.fromarray(np.where(colours()[..., 0] == 255, 0, 255).astype(np.uint8)))
    return image


def encoded(image, kind, **options):
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def read(tmp_path, data):
    path = tmp_path / "picture"
    path.write_bytes(data)
    return read_picture(path)


def refusal(tmp_path, data):
    with pytest.raises(InputError) as caught:
        read(tmp_path, data)
    assert "\n" not in str(caught.value)
    return str(caught.value).removeprefix(f"{tmp_path / 'picture'}: ")


EXACT = {
    "png": lambda: encoded(coloured(), "PNG"),
    "bmp": lambda: encoded(coloured(), "BMP"),
    "webp": lambda: encoded(coloured(), "WEBP", lossless=True),
    "tiff": lambda: encoded(coloured(), "TIFF"),
    "tiff-lzw": lambda: encoded(coloured(), "TIFF", compression="tiff_lzw"),
    "tiff-deflate": lambda: encoded(coloured(), "TIFF", compression="tiff_deflate"),
    "palette": lambda: encoded(coloured().quantize(8), "PNG"),
    "jpeg": lambda: encoded(coloured(), "JPEG", quality=95, subsampling=0),
    "jpeg-progressive": lambda: encoded(coloured(), "JPEG", quality=95, subsampling=0, progressive=True),
    "jpeg-with-a-second": lambda: encoded(
        coloured(), "MPO", save_all=True, append_images=[Image.new("RGB", (WIDTH, HEIGHT))], quality=95
    ),
}


@pytest.mark.parametrize("name", EXACT)
def test_every_format_gives_the_same_picture(name, tmp_path):
    picture = read(tmp_path, EXACT[name]())
    assert (picture.width, picture.height, picture.rgba.dtype) == (WIDTH, HEIGHT, np.uint8)
    assert (picture.rgba[..., 3] == 255).all()
    difference = np.abs(picture.rgba[..., :3].astype(int) - colours())
    if name.startswith("jpeg"):
        assert difference.mean() < 6.0
    else:
        assert difference.max() == 0


@pytest.mark.parametrize("kind", ["PNG", "TIFF", "WEBP"])
def test_transparency_is_read(kind, tmp_path):
    options = {"lossless": True, "exact": True} if kind == "WEBP" else {}
    rgba = read(tmp_path, encoded(transparent(), kind, **options)).rgba
    assert_array_equal(rgba, np.array(transparent()))


def test_grey_black_and_white_and_transparent_palettes_become_colours(tmp_path):
    grey = coloured().convert("L")
    assert_array_equal(read(tmp_path, encoded(grey, "PNG")).rgba, np.array(grey.convert("RGBA")))
    two = coloured().convert("1")
    assert_array_equal(read(tmp_path, encoded(two, "TIFF")).rgba, np.array(two.convert("RGBA")))
    palette = transparent().quantize(4)
    assert_array_equal(read(tmp_path, encoded(palette, "PNG")).rgba[..., 3], np.array(transparent())[..., 3])


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "TIFF"])
def test_a_picture_lying_on_its_side_is_turned_upright(kind, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned: show it turned by a right angle, clockwise
    options = {"lossless": True} if kind == "WEBP" else {}
    picture = read(tmp_path, encoded(coloured(), kind, exif=exif, **options))
    assert (picture.width, picture.height) == (HEIGHT, WIDTH)
    assert_array_equal(picture.rgba[..., :3], np.rot90(colours(), -1))


def test_large_pictures_are_reduced_by_a_whole_number(tmp_path, monkeypatch):
    monkeypatch.setattr(image_file, "MOST_SIDE", 12)
    picture = read(tmp_path, encoded(coloured(), "PNG"))
    assert (picture.width, picture.height) == (WIDTH, HEIGHT)
    expected = colours().reshape(12, 2, 10, 2, 3).mean(axis=(1, 3))
    np.testing.assert_allclose(picture.rgba[..., :3], expected, atol=0.51)


def sixteen_bits():
    return Image.fromarray(np.arange(HEIGHT * WIDTH, dtype=np.uint16).reshape(HEIGHT, WIDTH))


def bare_png(width, height, bits, lines):
    """A PNG of three channels: of 16 bits Pillow writes none, of many pixels a test should make none."""

    def chunk(name, data):
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    header = struct.pack(">IIBBBBB", width, height, bits, 2, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), chunk(b"IDAT", zlib.compress(lines)), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


REFUSED = {
    "empty": (lambda: b"", "an empty file"),
    "text": (
        lambda: b"not an image\n" * 20,
        "no image that can be read: expected PNG, JPEG, WebP, BMP or TIFF",
    ),
    "gif": (lambda: encoded(coloured(), "GIF"), "found a GIF"),
    "heic": (lambda: b"\0\0\0\x18ftypheic" + bytes(40), "found HEIC"),
    "pdf": (lambda: b"%PDF-1.7\n", "found a PDF"),
    "cmyk": (lambda: encoded(coloured().convert("CMYK"), "JPEG"), "found CMYK"),
    "lab": (lambda: encoded(coloured().convert("LAB"), "TIFF"), "found LAB"),
    "16-grey": (lambda: encoded(sixteen_bits(), "PNG"), "too many bits a channel: expected 8, found 16"),
    "16-colour": (
        lambda: bare_png(WIDTH, HEIGHT, 16, (b"\0" + bytes(6 * WIDTH)) * HEIGHT),
        "too many bits a channel: expected 8, found 16",
    ),
    "16-tiff": (lambda: encoded(sixteen_bits(), "TIFF"), "too many bits a channel: expected 8, found 16"),
    "float": (
        lambda: encoded(Image.fromarray(np.ones((HEIGHT, WIDTH), np.float32)), "TIFF"),
        "too many bits a channel: expected 8, found 32",
    ),
    "small": (lambda: encoded(coloured().resize((15, 40)), "PNG"), "too small an image"),
    **{
        f"several-{kind}": (
            lambda kind=kind: encoded(
                coloured(), kind, save_all=True, append_images=[coloured().rotate(180)]
            ),
            "an animation or several pages: expected one picture, found 2 frames",
        )
        for kind in ("PNG", "WEBP", "TIFF")
    },
}


@pytest.mark.parametrize("name", REFUSED)
def test_other_pictures_are_refused_in_one_line(name, tmp_path):
    make, said = REFUSED[name]
    assert said in refusal(tmp_path, make())


def test_the_smallest_picture_is_read(tmp_path):
    assert read(tmp_path, encoded(coloured().resize((16, 16)), "PNG")).rgba.shape == (16, 16, 4)


@pytest.mark.parametrize("side", [9_000, 40_000])
def test_a_bomb_is_refused_before_it_is_decoded(side, tmp_path):
    said = refusal(tmp_path, bare_png(side, side, 8, b""))
    assert said.startswith("too large an image: expected 64 megapixels at most")


def test_a_file_too_large_is_not_read(tmp_path):
    with (tmp_path / "picture").open("wb") as stream:
        stream.truncate((1 << 29) + (1 << 20))
    with pytest.raises(InputError, match="too large a file: expected 512 MiB at most, found 513 MiB"):
        read_picture(tmp_path / "picture")


def test_what_is_no_file_is_told(tmp_path):
    with pytest.raises(InputError, match="no such file"):
        read_picture(tmp_path / "gone.png")
    with pytest.raises(InputError, match="no file: expected an image"):
        read_picture(tmp_path)
    with pytest.raises(InputError, match="cannot be read"):
        read_picture(tmp_path / ("x" * 300))


SOUND = {
    **{name: EXACT[name] for name in ("png", "bmp", "webp", "tiff", "tiff-lzw", "palette", "jpeg")},
    "jpeg-progressive": EXACT["jpeg-progressive"],
    "webp-alpha": lambda: encoded(transparent(), "WEBP"),
    "group4": lambda: encoded(coloured().convert("1"), "TIFF", compression="group4"),
    "jpeg-in-tiff": lambda: encoded(coloured(), "TIFF", compression="jpeg"),
    "animated": lambda: encoded(coloured(), "PNG", save_all=True, append_images=[coloured().rotate(180)]),
}


def outcome(tmp_path, data):
    """Return the picture, or None if it was refused in one line."""
    try:
        return read(tmp_path, data).rgba
    except InputError as error:
        if "\n" in str(error):
            raise
        return None


@pytest.mark.parametrize("name", SOUND)
def test_a_truncated_picture_is_refused_unless_nothing_of_it_is_missing(name, tmp_path, capfd):
    data = SOUND[name]()
    whole = outcome(tmp_path, data)
    cuts = sorted({*range(0, len(data), max(1, len(data) // 60)), *range(len(data) - 12, len(data))})
    refused = 0
    for cut in cuts:
        found = outcome(tmp_path, data[:cut])
        refused += found is None
        if found is not None:
            assert_array_equal(found, whole)
    assert refused > 0.75 * len(cuts)
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize("name", [name for name in SOUND if name != "animated"])
@pytest.mark.parametrize("share", [0.1, 0.5])
def test_the_beginning_of_a_picture_is_not_told_to_be_of_another_format(name, share, tmp_path):
    data = SOUND[name]()
    assert refusal(tmp_path, data[: int(share * len(data))]).startswith("a damaged or truncated image")


@pytest.mark.parametrize("name", SOUND)
def test_a_picture_with_wrong_bytes_is_read_or_refused(name, tmp_path, capfd):
    rng = np.random.default_rng(len(name))
    data = SOUND[name]()
    refused = 0
    for _ in range(60):
        spoilt = bytearray(data)
        for place in rng.integers(0, len(data), rng.integers(1, 8)):
            spoilt[place] = rng.integers(256)
        refused += outcome(tmp_path, bytes(spoilt)) is None
    assert refused > 0
    assert capfd.readouterr() == ("", "")


def test_random_bytes_are_refused(tmp_path):
    rng = np.random.default_rng(0)
    starts = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff\xe0", b"RIFF\0\1\0\0WEBP", b"BM", b"II*\0", b"MM\0*"]
    for number in range(140):
        assert outcome(tmp_path, starts[number % 7] + rng.bytes(rng.integers(0, 400))) is None
