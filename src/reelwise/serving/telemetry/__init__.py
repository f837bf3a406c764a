"""What an operator sees of the server: metrics, logs, request ids and timings; described in docs/guide/observing.md."""
