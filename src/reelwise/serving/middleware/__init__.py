"""The layers between the network and the paths: telemetry, CORS, keys and limits.

Each is a plain ASGI class that leaves everything but HTTP requests alone; `application.py` says in which order they
stand. A refusal is a problem like every other error.
"""
