"""The route that answered a request: few names, whatever paths and ids are asked for."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.types import Scope

UNMATCHED = "unmatched"


def route_of(scope: "Scope", root_path: str) -> str:
    """The template of the route, such as `/recommendations/{user_id}`, once the request is answered.

    Args:
        scope: of the request.
        root_path: of the request when it came in; what was mounted below has made it longer.
    """
    if (route := scope.get("route")) is not None:
        return str(route.path_format)
    mounted: str = scope.get("root_path", "")[len(root_path) :]
    if mounted:
        return f"{mounted}/{{path}}"
    if "endpoint" in scope and not scope.get("path_params"):  # a plain Starlette route; its path is its template
        return str(scope["path"]).removeprefix(root_path)
    return UNMATCHED
