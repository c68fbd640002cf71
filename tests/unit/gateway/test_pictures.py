"""Photos: which are accepted, which are rejected, and that all metadata are removed."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, PngImagePlugin

from gateway.photos.pictures import Limits, NotAPicture, PictureTooLarge, TooManyPixels, clean

LIMITS = Limits(max_bytes=200_000, max_pixels=100_000)
SECRET = b"Zhang San, 39.6547 N"


def encoded(kind: str, size: tuple[int, int] = (8, 4), mode: str = "RGB", **options: Any) -> bytes:
    """Returns a blue picture with a red upper left corner."""
    image = Image.new("RGB", size, (0, 0, 255))
    image.paste((255, 0, 0), (0, 0, size[0] // 2, size[1] // 2))
    output = io.BytesIO()
    image.convert(mode).save(output, kind, **options)
    return output.getvalue()


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


def exif(**tags: Any) -> Image.Exif:
    notes = Image.Exif()
    notes[0x010E] = SECRET.decode()
    notes.get_ifd(0x8825)[2] = (39.0, 39.0, 17.0)
    for tag, value in tags.items():
        notes[int(tag.removeprefix("t"))] = value
    return notes


def is_red(data: bytes, place: tuple[int, int]) -> bool:
    red, _, blue = opened(data).getpixel(place)  # type: ignore[misc]
    return bool(red > 2 * blue)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_is_kept_as_a_jpeg_of_its_size(kind: str) -> None:
    picture = clean(encoded(kind, (80, 40)), LIMITS)
    assert (picture.width, picture.height) == (80, 40)
    assert opened(picture.data).format == "JPEG"
    assert opened(picture.data).size == (80, 40)
    assert is_red(picture.data, (2, 2))
    assert not is_red(picture.data, (77, 37))


def test_the_same_photo_gives_the_same_bytes_and_digest() -> None:
    assert clean(encoded("JPEG"), LIMITS) == clean(encoded("JPEG"), LIMITS)


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_place_and_notes_are_removed(kind: str) -> None:
    sent = encoded(kind, exif=exif(), xmp=b"<x>" + SECRET + b"</x>", icc_profile=SECRET * 10)
    assert SECRET in sent
    picture = clean(sent, LIMITS)
    assert SECRET not in picture.data
    kept = opened(picture.data)
    assert not kept.getexif()
    assert not {"exif", "xmp", "icc_profile", "XML:com.adobe.xmp"} & set(kept.info)


def test_a_comment_of_a_jpeg_is_removed() -> None:
    sent = encoded("JPEG", comment=SECRET)
    assert SECRET in sent
    assert SECRET not in clean(sent, LIMITS).data


def test_the_texts_of_a_png_are_removed() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", SECRET.decode())
    notes.add_itxt("Place", SECRET.decode())
    sent = encoded("PNG", pnginfo=notes)
    assert SECRET in sent
    assert SECRET not in clean(sent, LIMITS).data


def test_what_hangs_behind_a_picture_is_removed() -> None:
    assert SECRET not in clean(encoded("JPEG") + b"PK\3\4" + SECRET, LIMITS).data


def test_of_several_pictures_in_a_file_the_first_is_kept() -> None:
    more = [Image.new("RGB", (80, 40), "green")]
    for kind in ("MPO", "WEBP", "PNG"):
        picture = clean(encoded(kind, (80, 40), save_all=True, append_images=more), LIMITS)
        kept = opened(picture.data)
        assert getattr(kept, "n_frames", 1) == 1
        assert is_red(picture.data, (1, 1))


@pytest.mark.parametrize(
    ("orientation", "corner"),
    [(1, (0, 0)), (2, (79, 0)), (3, (79, 39)), (4, (0, 39)), (5, (0, 0)), (6, (39, 0)), (7, (39, 79)), (8, (0, 79))],
)
def test_a_photo_stands_upright_before_its_orientation_is_dropped(orientation: int, corner: tuple[int, int]) -> None:
    picture = clean(encoded("PNG", (80, 40), exif=exif(t274=orientation)), LIMITS)
    right, bottom = picture.width - 1, picture.height - 1
    assert (right, bottom) == ((79, 39) if orientation < 5 else (39, 79))
    corners = [(0, 0), (right, 0), (0, bottom), (right, bottom)]
    assert [place for place in corners if is_red(picture.data, place)] == [corner]


@pytest.mark.parametrize("notes", [b"MM\0\x2a\xff\xff\xff\xff", b"neither II nor MM"])
@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_good_photo_with_unreadable_notes_is_taken(kind: str, notes: bytes) -> None:
    assert clean(encoded(kind, exif=b"Exif\0\0" + notes), LIMITS).width == 8


def test_what_was_transparent_is_white() -> None:
    output = io.BytesIO()
    Image.new("RGBA", (80, 40), (255, 0, 0, 0)).save(output, "PNG")
    assert min(opened(clean(output.getvalue(), LIMITS).data).getpixel((40, 20))) > 250  # type: ignore[type-var,arg-type]


@pytest.mark.parametrize("mode", ["L", "CMYK"])
def test_grey_and_printers_colours_are_taken(mode: str) -> None:
    assert opened(clean(encoded("JPEG", mode=mode), LIMITS).data).mode == "RGB"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"hello",
        b"\xff\xd8\xff",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"%PDF-1.4",
        b"\x89PNG\r\n\x1a\n",
        b"RIFF\x0c\0\0\0WEBPVP8 ",
        encoded("GIF"),
        encoded("BMP"),
        encoded("TIFF"),
        encoded("JPEG")[:-40],
        encoded("PNG")[:-40],
        encoded("WEBP")[:-10],
    ],
)
def test_what_is_no_readable_photo_is_refused(data: bytes) -> None:
    with pytest.raises(NotAPicture):
        clean(data, LIMITS)


def test_a_photo_of_too_many_bytes_is_refused_unread() -> None:
    with pytest.raises(PictureTooLarge) as refused:
        clean(b"x" * 200_001, LIMITS)
    assert refused.value.data == {"limit": 200_000}


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_photo_of_too_many_pixels_is_refused(kind: str) -> None:
    assert clean(encoded(kind, (400, 250)), LIMITS).width == 400
    with pytest.raises(TooManyPixels) as refused:
        clean(encoded(kind, (401, 250)), LIMITS)
    assert refused.value.data == {"limit": 100_000}


def png_header(width: int, height: int) -> bytes:
    header = struct.pack(">II5B", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in ((b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 1000)))
    )


def jpeg_header(width: int, height: int) -> bytes:
    return encoded("JPEG").replace(struct.pack(">HH", 4, 8), struct.pack(">HH", height, width), 1)


def webp_header(width: int, height: int) -> bytes:
    canvas = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    extended = b"VP8X" + struct.pack("<II", 10, 0) + canvas
    body = b"WEBP" + extended + encoded("WEBP")[12:]
    return b"RIFF" + struct.pack("<I", len(body)) + body


@pytest.mark.parametrize(
    ("bomb", "side"),
    [(png_header, 10_000), (png_header, 60_000), (jpeg_header, 10_000), (jpeg_header, 60_000), (webp_header, 16_000)],
)
def test_a_bomb_is_refused_by_its_header(bomb: Callable[[int, int], bytes], side: int) -> None:
    """The rest of the data is missing: a decoder would raise a different error."""
    with pytest.raises(TooManyPixels):
        clean(bomb(side, side), Limits())


@pytest.mark.parametrize("sent", [encoded(kind, exif=exif()) for kind in ("JPEG", "PNG", "WEBP")])
@settings(max_examples=300)
@given(data=st.data())
def test_broken_photos_are_taken_or_refused_but_never_crash(sent: bytes, data: st.DataObject) -> None:
    broken = bytearray(sent)
    for _ in range(data.draw(st.integers(1, 8))):
        broken[data.draw(st.integers(0, len(broken) - 1))] = data.draw(st.integers(0, 255))
    try:
        picture = clean(bytes(broken[: data.draw(st.integers(0, len(broken)))]), LIMITS)
    except (NotAPicture, TooManyPixels):
        return
    assert SECRET not in picture.data
