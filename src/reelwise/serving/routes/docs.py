"""`/docs` and `/redoc`, which work without a network: nothing on them comes from a foreign origin."""

import re
from base64 import b64encode
from hashlib import sha256

from fastapi import Request
from fastapi.openapi.docs import get_redoc_html, get_swagger_ui_html
from fastapi.responses import HTMLResponse
from fastapi.staticfiles import StaticFiles

from reelwise.serving.routes.router import new_router

ASSETS = "/docs/assets"

# The scripts of both pages make styles, pictures and workers of their own. ReDoc has a foreign logo built in, and
# Swagger UI a foreign validator: the browser is told to load nothing foreign.
_POLICY = (
    "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; worker-src blob:; object-src 'none'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

router = new_router(include_in_schema=False)
router.mount(ASSETS, StaticFiles(packages=[("fastapi_offline", "static")]), name="docs-assets")


@router.get("/docs", response_class=HTMLResponse)
def swagger_ui(request: Request) -> HTMLResponse:
    """The paths, to be tried out in the browser."""
    root = request.scope.get("root_path", "")
    page = get_swagger_ui_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=f"{request.app.title} API",
        swagger_js_url=f"{root}{ASSETS}/swagger-ui-bundle.js",
        swagger_css_url=f"{root}{ASSETS}/swagger-ui.css",
        swagger_favicon_url=f"{root}{ASSETS}/favicon.png",
        swagger_ui_parameters={"validatorUrl": None},
    )
    return _confine(page)


@router.get("/redoc", response_class=HTMLResponse)
def redoc(request: Request) -> HTMLResponse:
    """The paths, to be read."""
    root = request.scope.get("root_path", "")
    page = get_redoc_html(
        openapi_url=f"{root}{request.app.openapi_url}",
        title=f"{request.app.title} API",
        redoc_js_url=f"{root}{ASSETS}/redoc.standalone.js",
        redoc_favicon_url=f"{root}{ASSETS}/favicon.png",
        with_google_fonts=False,
    )
    return _confine(page)


def _confine(page: HTMLResponse) -> HTMLResponse:
    """The page, whose own inline scripts, known by their hashes, are the only ones that the browser runs."""
    scripts = re.findall(rb"<script>(.*?)</script>", bytes(page.body), flags=re.DOTALL)
    hashes = "".join(f" 'sha256-{b64encode(sha256(script).digest()).decode()}'" for script in scripts)
    page.headers["Content-Security-Policy"] = f"{_POLICY}; script-src 'self'{hashes}"
    return page
