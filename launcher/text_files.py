"""Small files that people or an earlier command wrote: read whatever stands in their place, replaced as a whole."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

from launcher.problems import Stopped

_STATE_BYTES = 1_000_000


class Damaged(Stopped):
    """A file of state does not hold what Linli wrote there."""

    def __init__(self, file: Path, remedy: str) -> None:
        super().__init__(f"{file} is damaged. {remedy}")


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


def read_json(file: Path, kind: type, remedy: str) -> Any:
    """Returns the content of a file of state, or None if there is none. Raises `Damaged` with what to do."""
    try:
        content = json.loads(read(file, _STATE_BYTES))
    except FileNotFoundError:
        return None
    except (ValueError, OSError, RecursionError) as error:
        raise Damaged(file, remedy) from error
    if not isinstance(content, kind):
        raise Damaged(file, remedy)
    return content


def replace(file: Path, content: str | bytes, mode: int = 0o600) -> None:
    """Writes the file as a whole: after a crash at any moment, it holds the old content or the new."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    with tempfile.NamedTemporaryFile(prefix=f".{file.name}.", dir=file.parent, delete=False) as draft:
        try:
            draft.write(content.encode() if isinstance(content, str) else content)
            draft.flush()
            os.fchmod(draft.fileno(), mode)
            os.fsync(draft.fileno())
            Path(draft.name).replace(file)
        except BaseException:
            Path(draft.name).unlink(missing_ok=True)
            raise
    _sync(file.parent)


def is_locked(file: Path) -> bool:
    """Returns whether somebody holds the lock of the file for themselves. Looking keeps nobody else from looking."""
    try:
        with file.open() as lock:
            fcntl.flock(lock, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except FileNotFoundError:
        return False
    except BlockingIOError:
        return True
    return False


def _sync(folder: Path) -> None:
    """Writes the folder's entries to disk, so that the new name outlives a power failure."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
