"""The header `Server-Timing`, which browsers show among a request's timings."""


def server_timing(app_seconds: float, recommend_seconds: float | None) -> str:
    """Milliseconds in the application until the response began, and of these in the recommender, if it was asked."""
    app = f"app;dur={1000 * app_seconds:.3f}"
    return app if recommend_seconds is None else f"{app}, recommend;dur={1000 * recommend_seconds:.3f}"
