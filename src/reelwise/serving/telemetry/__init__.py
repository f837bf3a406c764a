"""The operator's view of the server: metrics, logs, request ids and timings; described in docs/guide/observing.md."""
