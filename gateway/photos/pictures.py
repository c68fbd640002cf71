"""Image sanitiser: validates photos by content and re-encodes them, so that only the picture itself is kept.

Metadata that a phone adds (location, time, its owner's name, a thumbnail of the uncropped picture) and anything
hidden in or behind the image is lost.
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

MIME = "image/jpeg"
_TAKEN = ("JPEG", "PNG", "WEBP")
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
# Pillow's decoders raise these for broken input.
_BROKEN = (OSError, SyntaxError, ValueError, TypeError, IndexError, KeyError, EOFError, struct.error, zlib.error)
# Pillow only warns about sizes that `Limits` refuses.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)


class NotAPicture(Problem):
    status = 415
    code = "not_a_picture"
    en = "This is not a readable JPEG, PNG or WebP picture; take the photo again or choose another file."
    zh = "文件不是可读取的 JPEG、PNG 或 WebP 图片，请重新拍摄或另选文件。"


class PictureTooLarge(Problem):
    """`limit`: bytes."""

    status = 413
    code = "picture_too_large"
    en = "The picture has more than {limit} bytes; send a smaller one."
    zh = "图片超过 {limit} 字节，请压缩后再上传。"


class TooManyPixels(Problem):
    """`limit`: pixels, width times height."""

    status = 413
    code = "too_many_pixels"
    en = "The picture has more than {limit} pixels; send one of lower resolution."
    zh = "图片超过 {limit} 像素，请降低分辨率后再上传。"


class Limits(msgspec.Struct, frozen=True, kw_only=True):
    """Upload limits. The defaults accept the photos of current phones."""

    max_bytes: int = 10_000_000
    max_pixels: int = 25_000_000


class Picture(msgspec.Struct, frozen=True, kw_only=True):
    """A sanitised JPEG. `sha256` is the hex digest of `data`."""

    data: bytes
    width: int
    height: int
    sha256: str


def clean(data: bytes, limits: Limits) -> Picture:
    """Returns the first picture in `data`, upright, as a JPEG, and nothing else.

    Only one output format, because its encoder is fast: others take many seconds for a picture made to be slow.
    The dimensions are read from the header before anything is decoded. 12 megapixels take 0.2 to 0.6 s of
    one core and 60 to 200 MB (WebP the most): run one at a time, and off the event loop.
    Raises `NotAPicture`, `PictureTooLarge`, `TooManyPixels`.
    """
    if len(data) > limits.max_bytes:
        raise PictureTooLarge(limit=limits.max_bytes)
    try:
        with Image.open(io.BytesIO(data), formats=_TAKEN) as image:
            if image.width * image.height > limits.max_pixels:
                raise TooManyPixels(limit=limits.max_pixels)
            return _encoded(_upright(_opaque(image), image))
    except Image.DecompressionBombError as error:
        raise TooManyPixels(limit=limits.max_pixels) from error
    except _BROKEN as error:
        raise NotAPicture() from error


def _opaque(image: Image.Image) -> Image.Image:
    """Returns the decoded picture, with transparency flattened onto white."""
    if image.mode == "RGB" and not image.has_transparency_data:
        image.load()
        return image  # `convert` would double the memory
    if not image.has_transparency_data:
        return image.convert("RGB")
    layer = image.convert("RGBA")
    canvas = Image.new("RGB", image.size, "white")
    canvas.paste(layer, mask=layer)
    return canvas


def _upright(pixels: Image.Image, original: Image.Image) -> Image.Image:
    try:
        turn = _UPRIGHT.get(original.getexif().get(_ORIENTATION, 1))
    except _BROKEN:
        turn = None  # unreadable Exif in a good picture
    return pixels if turn is None else pixels.transpose(turn)


def _encoded(pixels: Image.Image) -> Picture:
    pixels.info.clear()  # Pillow would write the comment and profile back
    output = io.BytesIO()
    pixels.save(output, "JPEG", quality=_QUALITY)
    content = output.getvalue()
    digest = hashlib.sha256(content).hexdigest()
    return Picture(data=content, width=pixels.width, height=pixels.height, sha256=digest)
