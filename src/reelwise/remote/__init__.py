"""Models that are elsewhere: on the Hugging Face Hub, in an object store, behind a web server."""
