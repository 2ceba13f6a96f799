"""Write files so that a reader never sees half of one."""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from serai.core.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Iterator


def _refused(path: Path, fault: OSError) -> InputError:
    return InputError(f"{path} cannot be written: {fault.strerror}", "Name a place where you may write.")


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file under a temporary name beside it, then rename."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as fault:
        raise _refused(path, fault) from fault
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
        Path(name).chmod(0o644)
        Path(name).replace(path)
    except OSError as fault:
        Path(name).unlink(missing_ok=True)
        raise _refused(path, fault) from fault
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def write_text(path: Path, content: str, *, bom: bool = False) -> None:
    """Write text as UTF-8 with line feeds only, with a byte-order mark if asked."""
    write_bytes(path, content.encode("utf-8-sig" if bom else "utf-8"))


def _move_files(stage: Path, folder: Path) -> None:
    try:
        folder.mkdir(exist_ok=True)
        for path in sorted(p for p in stage.rglob("*") if p.is_file()):
            target = folder / path.relative_to(stage)
            target.parent.mkdir(parents=True, exist_ok=True)
            path.replace(target)
    except OSError as fault:
        raise _refused(folder, fault) from fault


@contextmanager
def staged_folder(folder: Path) -> Iterator[Path]:
    """Fill a temporary folder; on success its files replace those of the same name.

    Nothing is changed in `folder` when the block raises.
    """
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        stage = Path(tempfile.mkdtemp(dir=folder.parent, prefix=f".{folder.name}."))
    except OSError as fault:
        raise _refused(folder, fault) from fault
    try:
        yield stage
        _move_files(stage, folder)
    finally:
        shutil.rmtree(stage, ignore_errors=True)


def sha256(content: bytes) -> str:
    """Hex digest of some bytes."""
    return hashlib.sha256(content).hexdigest()


def user_folder() -> Path:
    """Folder of the user's own records, outside any package (``SERAI_HOME`` overrides it)."""
    if home := os.environ.get("SERAI_HOME"):
        return Path(home)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "serai"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Application Support" / "serai"
    return Path(os.environ.get("XDG_DATA_HOME", str(Path.home() / ".local" / "share"))) / "serai"


def cache_folder() -> Path:
    """Return the first writable folder for what can be made again."""
    tried = [Path.home() / ".cache" / "serai", Path(tempfile.gettempdir()) / "serai-cache"]
    if sys.platform == "win32":
        tried.insert(0, Path(os.environ.get("LOCALAPPDATA", str(Path.home()))) / "serai" / "cache")
    for folder in tried:
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError:
            continue
        if os.access(folder, os.W_OK):
            return folder
    return Path(tempfile.mkdtemp(prefix="serai-"))
