"""Reading pictures: every way in is read right, every wrong input ends in one line that names the file."""

from __future__ import annotations

import errno
import os
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from karyokit import pictures
from karyokit.checks import PictureError
from karyokit.pictures import list_pictures, picture_from_array, read_mask, read_picture, to_display, write_png

GREY = np.random.default_rng(0).integers(0, 256, (40, 50)).astype(np.uint8)
DEEP = np.random.default_rng(1).integers(0, 4096, (40, 50)).astype(np.uint16)


def refused(path: Path) -> str:
    with pytest.raises(PictureError) as caught:
        read_picture(path)
    message = str(caught.value)
    assert message.startswith(f"{path}: ")
    assert "\n" not in message
    assert message.endswith(".")
    return message


@pytest.mark.parametrize("suffix", [".png", ".bmp", ".tif", ".gif", ".webp"])
def test_grey_files_come_back_as_they_are(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(GREY).save(tmp_path / f"a{suffix}", lossless=True)
    picture = read_picture(tmp_path / f"a{suffix}")
    assert np.array_equal(picture.pixels, GREY)
    assert (picture.name, picture.source_dtype, picture.notes) == (f"a{suffix}", "uint8", ())


def test_jpeg_is_near(tmp_path: Path) -> None:
    smooth = np.tile(np.arange(60, dtype=np.uint8) * 4, (40, 1))
    for mode in ("L", "RGB"):
        Image.fromarray(smooth).convert(mode).save(tmp_path / "a.jpg", quality=95)
        assert np.abs(read_picture(tmp_path / "a.jpg").pixels.astype(int) - smooth).max() <= 4


@pytest.mark.parametrize("compression", [None, "zlib", "tiff_lzw", "packbits"])
def test_twelve_bits_in_sixteen_keep_their_levels(tmp_path: Path, compression: str | None) -> None:
    path = tmp_path / "a.tif"
    if compression in (None, "zlib"):
        tifffile.imwrite(path, DEEP, compression=compression)
    else:
        Image.fromarray(DEEP).save(path, compression=compression)
    picture = read_picture(path)
    assert picture.pixels.dtype == np.uint16
    assert np.array_equal(picture.pixels, DEEP)


def test_sixteen_bit_png_and_big_endian_tiff(tmp_path: Path) -> None:
    Image.fromarray(DEEP).save(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "b.tif", DEEP, byteorder=">", bigtiff=True)
    for name in ("a.png", "b.tif"):
        assert np.array_equal(read_picture(tmp_path / name).pixels, DEEP)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_float_tiff(tmp_path: Path, dtype: Any) -> None:
    tifffile.imwrite(tmp_path / "a.tif", (GREY / 256).astype(dtype))
    picture = read_picture(tmp_path / "a.tif")
    assert picture.pixels.dtype == np.float32
    assert np.array_equal(picture.pixels, (GREY / 256).astype(np.float32))


def test_int16_without_negatives_is_read(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", DEEP.astype(np.int16))
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, DEEP)
    tifffile.imwrite(tmp_path / "a.tif", -DEEP.astype(np.int16))
    assert "holds int16 numbers" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize("planar", ["contig", "separate"])
def test_rgb_tiff_of_grey(tmp_path: Path, planar: str) -> None:
    colour = np.repeat(DEEP[..., None], 3, axis=2)
    stored = colour if planar == "contig" else np.moveaxis(colour, -1, 0)
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", planarconfig=planar)
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, DEEP)


def test_inverted_and_palette_tiff(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", 255 - GREY, photometric="miniswhite")
    assert np.array_equal(read_picture(tmp_path / "a.tif").pixels, GREY)
    ramp = np.tile(np.arange(255, -1, -1, dtype=np.uint16) * 257, (3, 1))
    tifffile.imwrite(tmp_path / "b.tif", 255 - GREY, photometric="palette", colormap=ramp)
    assert np.array_equal(read_picture(tmp_path / "b.tif").pixels, GREY)


def test_several_planes_give_the_first_and_a_note(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.stack([DEEP, DEEP // 2, DEEP // 3]), photometric="minisblack")
    picture = read_picture(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, DEEP)
    assert picture.notes == ("first of 3 planes used",)


def test_extra_samples_are_left_out(tmp_path: Path) -> None:
    extra = np.dstack([GREY, GREY // 2])
    tifffile.imwrite(tmp_path / "a.tif", extra, photometric="minisblack", planarconfig="contig", extrasamples=["unspecified"])
    picture = read_picture(tmp_path / "a.tif")
    assert np.array_equal(picture.pixels, GREY)
    assert picture.notes == ("1 extra channels left out",)


@pytest.mark.parametrize("channel", [0, 1, 2])
def test_one_channel_with_the_signal_is_taken(tmp_path: Path, channel: int) -> None:
    colour = np.zeros((*GREY.shape, 3), np.uint8)
    colour[..., channel] = GREY
    Image.fromarray(colour).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert np.array_equal(picture.pixels, GREY)
    assert picture.notes == (f"colour picture: {('red', 'green', 'blue')[channel]} channel used",)


def test_nearly_grey_is_averaged() -> None:
    colour = np.stack([GREY // 2, GREY // 2 + 3, GREY // 2 + 6], axis=2)
    picture = picture_from_array(colour)
    assert picture.pixels.dtype == np.uint8
    assert np.array_equal(picture.pixels, GREY // 2 + 3)
    assert picture.notes == ()


def test_palette_and_its_transparency(tmp_path: Path) -> None:
    Image.fromarray(np.dstack([GREY] * 3)).quantize(256).save(tmp_path / "a.png")
    assert np.abs(read_picture(tmp_path / "a.png").pixels.astype(int) - GREY).max() <= 2
    indexed = Image.fromarray(GREY // 2).convert("P")
    indexed.save(tmp_path / "b.png", transparency=0)
    pixels = read_picture(tmp_path / "b.png").pixels
    assert (pixels[GREY // 2 == 0] == 255).all()


@pytest.mark.parametrize("mode", ["LA", "RGBA"])
def test_opacity_is_laid_on_white(tmp_path: Path, mode: str) -> None:
    alpha = np.full(GREY.shape, 255, np.uint8)
    alpha[:5], alpha[5:10] = 0, 51
    channels = [GREY] * (1 if mode == "LA" else 3)
    Image.fromarray(np.dstack([*channels, alpha])).save(tmp_path / "a.png")
    picture = read_picture(tmp_path / "a.png")
    assert (picture.pixels[:5] == 255).all()
    assert np.array_equal(picture.pixels[5:10], np.rint(GREY[5:10] * 0.2 + 204))
    assert np.array_equal(picture.pixels[10:], GREY[10:])
    assert picture.notes == ("transparent pixels laid on white",)


def test_full_opacity_leaves_no_note() -> None:
    assert picture_from_array(np.dstack([GREY, np.full_like(GREY, 255)])).notes == ()


def test_float_opacity() -> None:
    alpha = np.ones(GREY.shape)
    alpha[0] = 0
    picture = picture_from_array(np.dstack([GREY / 255, alpha]))
    assert (picture.pixels[0] == 1).all()
    assert np.allclose(picture.pixels[1:], GREY[1:] / 255)


def test_tiff_opacity(tmp_path: Path) -> None:
    alpha = np.full_like(GREY, 255)
    alpha[0] = 0
    stored = np.dstack([GREY, GREY, GREY, alpha])
    tifffile.imwrite(tmp_path / "a.tif", stored, photometric="rgb", extrasamples=["unassalpha"])
    assert (read_picture(tmp_path / "a.tif").pixels[0] == 255).all()


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_tag_of_all_kinds(tmp_path: Path, orientation: int) -> None:
    source = Image.fromarray(GREY)
    exif = Image.Exif()
    exif[274] = orientation
    source.save(tmp_path / "a.png", exif=exif)
    turned = {1: GREY, 2: np.fliplr(GREY), 3: np.rot90(GREY, 2), 4: np.flipud(GREY), 5: GREY.T}
    turned |= {6: np.rot90(GREY, 3), 7: np.rot90(GREY, 2).T, 8: np.rot90(GREY)}
    assert np.array_equal(read_picture(tmp_path / "a.png").pixels, turned[orientation])
    tifffile.imwrite(tmp_path / "a.tif", GREY, extratags=[(274, "H", 1, orientation, True)])
    source.save(tmp_path / "b.tif", tiffinfo={274: orientation}, compression="tiff_lzw")
    for name in ("a.tif", "b.tif"):
        assert np.array_equal(read_picture(tmp_path / name).pixels, turned[orientation]), name


def test_sixteen_bit_colour_png_is_noted(tmp_path: Path) -> None:
    rows = b"".join(b"\0" + np.repeat(row[:, None], 3, axis=1).astype(">u2").tobytes() for row in DEEP * 16)
    head = struct.pack(">IIBBBBB", 50, 40, 16, 2, 0, 0, 0)
    (tmp_path / "a.png").write_bytes(png_of(head, zlib.compress(rows)))
    picture = read_picture(tmp_path / "a.png")
    assert picture.notes == ("16-bit colour read with 8 bits",)
    assert np.array_equal(picture.pixels, DEEP >> 4)


def png_of(head: bytes, data: bytes) -> bytes:
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    body = b"".join(struct.pack(">I", len(part)) + kind + part + struct.pack(">I", zlib.crc32(kind + part)) for kind, part in chunks)
    return b"\x89PNG\r\n\x1a\n" + body


def test_missing_folder_empty_text_and_device(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none.png")
    assert "is a folder" in refused(tmp_path)
    (tmp_path / "a.png").touch()
    assert "is empty (0 bytes)" in refused(tmp_path / "a.png")
    for text in (b"hello, this is text", b"RIFF0000WAVEfmt ", b"x"):
        (tmp_path / "a.png").write_bytes(text)
        assert "is not a picture" in refused(tmp_path / "a.png")
    os.mkfifo(tmp_path / "pipe.png")
    assert "is not a regular file" in refused(tmp_path / "pipe.png")


def test_unreadable_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_png(tmp_path / "a.png", GREY)

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert "cannot be read (Permission denied)" in refused(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".bmp", ".tif", ".gif", ".webp"])
@pytest.mark.parametrize("share", [0.5, 0.97])
def test_truncated(tmp_path: Path, suffix: str, share: float) -> None:
    path = tmp_path / f"a{suffix}"
    Image.fromarray(GREY).save(path, lossless=True)
    whole = path.read_bytes()
    path.write_bytes(whole[: int(len(whole) * share)])
    assert "is truncated" in refused(path)


def test_tiff_cut_after_its_directory(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    tifffile.imwrite(path, GREY)
    path.write_bytes(path.read_bytes()[:-100])
    assert "is truncated. " in refused(path)


@settings(deadline=None, max_examples=60)
@given(position=st.integers(0, 2**20), value=st.integers(0, 255), suffix=st.sampled_from((".png", ".jpg", ".bmp", ".tif")))
def test_any_damaged_byte_gives_a_picture_or_a_picture_error(
    tmp_path_factory: pytest.TempPathFactory, position: int, value: int, suffix: str
) -> None:
    path = tmp_path_factory.getbasetemp() / f"damaged{suffix}"
    Image.fromarray(GREY).save(path)
    data = bytearray(path.read_bytes())
    data[position % min(len(data), 400)] = value
    path.write_bytes(data)
    try:
        outcome = f"{path}: {read_picture(path, min_side=1).pixels.ndim}"
    except PictureError as error:
        outcome = str(error)
    assert outcome.startswith(f"{path}: ")


def test_huge_is_refused_from_its_header(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_of(struct.pack(">IIBBBBB", 20_000, 10_001, 8, 0, 0, 0, 0), b""))
    assert "has 20000 x 10001 = 200 megapixels, over the limit of 200" in refused(tmp_path / "a.png")
    tifffile.imwrite(tmp_path / "a.tif", GREY)
    data = bytearray((tmp_path / "a.tif").read_bytes())
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        tags = tiff.pages[0].tags  # type: ignore[union-attr]
        places = [tags[name].valueoffset for name in ("ImageWidth", "ImageLength")]
        size = {3: "<H", 4: "<I"}[int(tags["ImageWidth"].dtype)]
    for place in places:
        struct.pack_into(size, data, place, 60_000)
    (tmp_path / "a.tif").write_bytes(data)
    assert "3600 megapixels" in refused(tmp_path / "a.tif")


def test_between_pillows_limit_and_ours_is_not_refused_for_size(tmp_path: Path) -> None:
    (tmp_path / "a.png").write_bytes(png_of(struct.pack(">IIBBBBB", 19_000, 10_000, 8, 0, 0, 0, 0), b""))
    assert "truncated or damaged" in refused(tmp_path / "a.png")


def test_out_of_memory_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise MemoryError

    write_png(tmp_path / "a.png", GREY)
    monkeypatch.setattr(pictures, "_raster_pixels", fail)
    assert "does not fit in memory" in refused(tmp_path / "a.png")


@pytest.mark.parametrize("suffix", [".gif", ".png", ".webp"])
def test_animated(tmp_path: Path, suffix: str) -> None:
    frames = [Image.fromarray(GREY), Image.fromarray(255 - GREY)]
    frames[0].save(tmp_path / f"a{suffix}", save_all=True, append_images=frames[1:])
    assert "is an animated" in refused(tmp_path / f"a{suffix}")


@pytest.mark.parametrize("suffix", [".jpg", ".tif"])
def test_cmyk(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(GREY).convert("CMYK").save(tmp_path / f"a{suffix}")
    assert "is stored in CMYK colours. Convert it to grey or RGB." in refused(tmp_path / f"a{suffix}")


def test_lab_tiff(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.dstack([GREY] * 3), photometric="cielab")
    assert "Lab colours" in refused(tmp_path / "a.tif")


def test_unknown_compression(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", GREY)
    with tifffile.TiffFile(tmp_path / "a.tif") as tiff:
        place = tiff.pages[0].tags["Compression"].valueoffset  # type: ignore[union-attr]
    data = bytearray((tmp_path / "a.tif").read_bytes())
    struct.pack_into("<H", data, place, 34712)
    (tmp_path / "a.tif").write_bytes(data)
    assert "TIFF compression 34712" in refused(tmp_path / "a.tif")


def test_volume_tiff(tmp_path: Path) -> None:
    volume = np.zeros((2, 40, 50, 3), np.uint8)
    tifffile.imwrite(tmp_path / "a.tif", volume, photometric="rgb", volumetric=True, tile=(2, 16, 16))
    assert "holds an array of shape" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize("suffix", [".png", ".tif", ".bmp"])
def test_one_bit(tmp_path: Path, suffix: str) -> None:
    Image.fromarray(GREY > 127).save(tmp_path / f"a{suffix}")
    assert "only black and white (1 bit)" in refused(tmp_path / f"a{suffix}")
    assert np.array_equal(read_mask(tmp_path / f"a{suffix}"), GREY > 127)


@pytest.mark.parametrize("dtype", [np.int32, np.uint32, np.int8, np.complex64])
def test_other_number_types(tmp_path: Path, dtype: Any) -> None:
    tifffile.imwrite(tmp_path / "a.tif", (GREY // 2).astype(dtype))
    assert f"holds {np.dtype(dtype)} numbers" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e300])
def test_not_finite(tmp_path: Path, value: float) -> None:
    plane = GREY.astype(np.float64)
    plane[3, 4] = value
    tifffile.imwrite(tmp_path / "a.tif", plane)
    assert "holds NaN or infinite values" in refused(tmp_path / "a.tif")


@pytest.mark.parametrize("shape", [(1, 1), (31, 400), (400, 31)])
def test_too_small(tmp_path: Path, shape: tuple[int, int]) -> None:
    write_png(tmp_path / "a.png", np.arange(shape[0] * shape[1], dtype=np.uint16).reshape(shape))
    assert f"has only {shape[1]} x {shape[0]} pixels" in refused(tmp_path / "a.png")


def test_smaller_side_on_request(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", GREY[:8, :5])
    assert read_picture(tmp_path / "a.png", min_side=4).pixels.shape == (8, 5)


def test_one_colour(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.full((40, 40), 7, np.uint8))
    assert "has one colour only (level 7)" in refused(tmp_path / "a.png")


def test_array_is_checked_like_a_file() -> None:
    assert np.array_equal(picture_from_array(DEEP, "cell").pixels, DEEP)
    assert picture_from_array(GREY[..., None]).pixels.shape == GREY.shape
    assert picture_from_array(GREY / 7.0 - 3).pixels.dtype == np.float32
    bad: list[tuple[Any, str]] = [
        (GREY > 3, "1 bit"),
        (GREY.astype(np.int64), "int64"),
        (GREY.astype(complex), "complex128"),
        (GREY[0], "shape"),
        (np.zeros((3, 40, 50), np.uint8), "shape"),
        (np.zeros((0, 50), np.uint8), "shape"),
        (GREY * np.nan, "NaN"),
        (GREY * 0, "one colour"),
        (GREY[:20], "only 50 x 20"),
        (np.broadcast_to(np.uint8(3), (20_000, 10_001)), "megapixels"),
    ]
    for array, words in bad:
        with pytest.raises(PictureError, match=words) as caught:
            picture_from_array(array, "my cell")
        assert str(caught.value).startswith("my cell: ")


@pytest.mark.parametrize("scale", [1, 255])
def test_masks_of_any_level(tmp_path: Path, scale: int) -> None:
    mask = GREY > 200
    write_png(tmp_path / "a.png", (mask * scale).astype(np.uint8))
    assert np.array_equal(read_mask(tmp_path / "a.png"), mask)
    Image.fromarray(np.dstack([mask * scale, mask * 0, mask * 0, mask * 0 + 255]).astype(np.uint8)).save(tmp_path / "b.png")
    assert np.array_equal(read_mask(tmp_path / "b.png"), mask)


def test_empty_mask(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", np.zeros((5, 6), np.uint8))
    assert read_mask(tmp_path / "a.png").shape == (5, 6)
    assert not read_mask(tmp_path / "a.png").any()


def test_folders_are_listed_sorted_without_hidden_files(tmp_path: Path) -> None:
    for name in ("b.PNG", "a.tif", ".hidden.png", "notes.txt", "c.jpeg"):
        (tmp_path / name).touch()
    (tmp_path / "inner.png").mkdir()
    assert list_pictures([tmp_path]) == [tmp_path / "a.tif", tmp_path / "b.PNG", tmp_path / "c.jpeg"]
    odd = tmp_path / "notes.txt"
    assert list_pictures([odd, str(tmp_path / "b.PNG"), tmp_path])[:2] == [odd, tmp_path / "b.PNG"]
    assert len(list_pictures([tmp_path, tmp_path])) == 3


def test_folder_without_pictures_or_rights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(PictureError, match="this folder holds no pictures"):
        list_pictures([tmp_path])
    with pytest.raises(ValueError, match="at least one"):
        list_pictures([])

    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refuse)
    with pytest.raises(PictureError, match="this folder cannot be read"):
        list_pictures([tmp_path])


@pytest.mark.parametrize("make", [lambda: GREY, lambda: DEEP, lambda: np.dstack([GREY] * 3), lambda: np.dstack([GREY] * 4)])
def test_png_round_trip(tmp_path: Path, make: Callable[[], np.ndarray]) -> None:
    array = make()
    write_png(tmp_path / "a.png", array)
    first = (tmp_path / "a.png").read_bytes()
    assert np.array_equal(np.asarray(Image.open(tmp_path / "a.png")), array)
    write_png(tmp_path / "a.png", array)
    assert (tmp_path / "a.png").read_bytes() == first


def test_png_of_bool_and_of_what_it_cannot_hold(tmp_path: Path) -> None:
    write_png(tmp_path / "a.png", GREY > 9)
    assert set(np.unique(np.asarray(Image.open(tmp_path / "a.png")))) == {0, 255}
    for array in (GREY / 255, np.zeros((0, 3), np.uint8), np.dstack([DEEP] * 3), np.zeros((2, 3, 5), np.uint8)):
        with pytest.raises(ValueError, match="`array` must be uint8"):
            write_png(tmp_path / "b.png", array)
    assert not (tmp_path / "b.png").exists()


def test_display_uses_the_full_range_and_keeps_order() -> None:
    shown = to_display(DEEP)
    assert (shown.dtype, shown.min(), shown.max()) == (np.uint8, 0, 255)
    order = np.argsort(DEEP.ravel(), kind="stable")
    assert (np.diff(shown.ravel()[order].astype(int)) >= 0).all()
    assert not to_display(np.full((4, 4), 9.0)).any()
    rare = np.zeros((100, 100), np.uint8)
    rare[0, 0] = 9
    assert to_display(rare)[0, 0] == 255


def test_real_pictures(shared_data: Path) -> None:
    dapi = read_picture(shared_data / "pommier" / "DAPI.png")
    assert dapi.pixels.dtype == np.uint16
    assert 255 < dapi.pixels.max() < 4096
    for folder in ("mfish/dapi", "gband_cells/images"):
        picture = read_picture(list_pictures([shared_data / folder])[0])
        assert picture.pixels.dtype == np.uint8
        assert picture.notes == ()


def test_picture_in_a_closed_folder_is_left_to_the_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = tmp_path / "closed" / "a.png"

    def refused(path: Path | str, **_how: object) -> None:
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(Path, "stat", refused)
    monkeypatch.setattr(os, "stat", refused)
    assert list_pictures([closed]) == [closed]
    with pytest.raises(PictureError, match=r"a\.png: cannot be read \(Permission denied\)\. Check its access rights"):
        read_picture(closed)
