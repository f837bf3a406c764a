"""Films to begin with: clusters, a starting list, a map."""
