"""What a system has: memory, browsers, patience, and what others lack."""
