"""The live store: what the users of a running service told it. SQLite for one host, PostgreSQL for several replicas."""
