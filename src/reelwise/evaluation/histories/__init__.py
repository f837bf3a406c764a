"""People who bring a history: drawn, chosen by, and measured on."""
