"""The page and its files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

from fastapi import APIRouter, Path, Request, Response
from starlette.exceptions import HTTPException

from serai.server.assets import FOREVER, page_files
from serai.server.common import REVALIDATE

if TYPE_CHECKING:
    from serai.server.assets import Asset
    from serai.server.hall import Hall

pages = APIRouter(include_in_schema=False)
NOT_BUILT = "The page was not built: run `make web`, or install a wheel of Serai."


def _send(request: Request, asset: Asset) -> Response:
    encoding, body = asset.best(request.headers.get("accept-encoding", ""))
    head = {
        "ETag": asset.tag,
        "Vary": "Accept-Encoding",
        "Cache-Control": FOREVER if asset.forever else REVALIDATE,
    }
    if request.headers.get("if-none-match") == asset.tag:
        return Response(status_code=304, headers=head)
    if encoding:
        head["Content-Encoding"] = encoding
    return Response(body, headers=head, media_type=asset.media_type)


@pages.get("/healthz")
async def health(request: Request) -> dict[str, Any]:
    """Say that the server answers, how many workers it has, how many of them are ready, and since when it runs."""
    hall: Hall = request.app.state.hall
    quick, slow = hall.pools
    return {
        "status": "ok",
        "workers": len(quick.process_ids) + len(slow.process_ids),
        "ready": {"routes": quick.ready, "solve": slow.ready},
        "seconds": round(hall.seconds, 1),
    }


@pages.api_route("/", methods=["GET", "HEAD"])
async def index(request: Request) -> Response:
    """Send the page."""
    return await asset(request, "index.html")


@pages.api_route("/embed/{view}", methods=["GET", "HEAD"])
async def embed(request: Request, view: Annotated[str, Path(pattern="^(map|chart)$")]) -> Response:
    """Send the page that others may frame: it reads, and knows nobody."""
    del view
    return await asset(request, "embed.html")


@pages.api_route("/{path:path}", methods=["GET", "HEAD"])
async def asset(request: Request, path: str) -> Response:
    """Send a file of the page; nothing but what was built with it can be named."""
    found = page_files()
    if path not in found:
        raise HTTPException(404, "There is nothing here" if found else NOT_BUILT)
    return _send(request, found[path])
