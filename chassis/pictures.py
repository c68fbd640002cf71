"""Photos: checked by their content and encoded anew, so that nothing but the picture itself is kept.

What a phone adds (place, time, its owner's name, a thumbnail of the uncropped picture) and what somebody
hides in or behind a picture does not survive it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import warnings
import zlib

import msgspec
from PIL import Image

from chassis.errors import Problem

_MIMES = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
_QUALITY = 85
_ORIENTATION = 0x0112  # Exif 2.32, 4.6.4 A
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# What Pillow's decoders raise for broken input.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error, zlib.error)
# Pillow only warns of sizes that our own limit refuses.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class NotAPicture(Problem):
    status = 415
    code = "not_a_picture"
    en = "This is not a readable JPEG, PNG or WebP picture; take the photo again or choose another file."
    zh = "文件不是可读取的 JPEG、PNG 或 WebP 图片,请重新拍摄或另选文件。"


class PictureTooLarge(Problem):
    """`limit`: bytes."""

    status = 413
    code = "picture_too_large"
    en = "The picture has more than {limit} bytes; send a smaller one."
    zh = "图片超过 {limit} 字节,请压缩后再上传。"


class TooManyPixels(Problem):
    """`limit`: pixels, width times height."""

    status = 413
    code = "too_many_pixels"
    en = "The picture has more than {limit} pixels; send one of lower resolution."
    zh = "图片超过 {limit} 像素,请降低分辨率后再上传。"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Of what is sent. The default takes the photos of today's phones."""

    max_bytes: int = 10_000_000
    max_pixels: int = 50_000_000


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A picture fit to be kept; `sha256` in hex, of `data`."""

    data: bytes
    mime: str
    width: int
    height: int
    sha256: str


def clean(data: bytes, limits: Limits) -> Picture:
    """The first picture in `data`, upright, in its own format, and nothing else of it.

    The size is read from the header before anything is decoded. It takes up to a second of one core and
    four bytes a pixel: run it off the event loop. Raises `NotAPicture`, `PictureTooLarge`, `TooManyPixels`.
    """
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(limit=limits.max_bytes)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(_MIMES)) as image:
            if image.width * image.height > limits.max_pixels:
                raise TooManyPixels(limit=limits.max_pixels)
            kind = (
                image.format if image.format in _MIMES else "JPEG"
            )  # several JPEGs in one file have a name of their own
            return _encoded(_upright(image), kind)
    except Image.DecompressionBombError as error:
        raise TooManyPixels(limit=limits.max_pixels) from error
    except _BROKEN as error:
        raise NotAPicture() from error


def _upright(image: Image.Image) -> Image.Image:
    pixels = image.convert("RGBA" if image.has_transparency_data else "RGB")
    try:
        turn = _UPRIGHT.get(image.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        turn = None  # an unreadable note beside a good picture
    return pixels if turn is None else pixels.transpose(turn)


def _encoded(pixels: Image.Image, kind: str) -> Picture:
    pixels.info.clear()  # Pillow would write comments, profiles and text back
    output = io.BytesIO()
    pixels.save(output, kind, quality=_QUALITY)
    content = output.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return Picture(data=content, mime=_MIMES[kind], width=pixels.width, height=pixels.height, sha256=digest)
