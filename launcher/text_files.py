"""Reader of small text files that people write, whatever stands in their place."""

from __future__ import annotations

import errno
import os
import stat
from pathlib import Path


def read(file: Path, most: int) -> str:
    """Returns the text of a regular file of at most `most` bytes. Raises `OSError` or `UnicodeDecodeError`."""
    # Without O_NONBLOCK, a pipe in its place would wait for a writer.
    with open(file, "rb", opener=lambda path, flags: os.open(path, flags | os.O_NONBLOCK)) as opened:
        if not stat.S_ISREG(os.fstat(opened.fileno()).st_mode):
            raise OSError(errno.EINVAL, "Not a regular file", str(file))
        content = opened.read(most + 1)
    if len(content) > most:
        raise OSError(errno.EFBIG, f"More than {most // 1000} kB", str(file))
    return content.decode()
