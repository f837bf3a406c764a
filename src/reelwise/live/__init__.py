"""The live store: the events of a running service's users. SQLite for one host, PostgreSQL for several replicas."""
