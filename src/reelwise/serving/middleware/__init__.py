"""What stands between the network and the paths: limits, keys, and what every answer tells a browser.

Each guard is a plain ASGI class that takes HTTP requests, in a file of its own. `application.py` says in which order
they stand. A refusal is a problem like every other error.
"""
