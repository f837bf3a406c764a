"""Our own code as it runs: commands, servers, and requests to them."""
