"""The public face: a static site in four languages, of what is reviewed and dated only."""

from __future__ import annotations

from serai.report.site.writer import write_site

__all__ = ["write_site"]
