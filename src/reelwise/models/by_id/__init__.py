"""Models asked by ids: what they were trained on, answers as tables, newcomers, and folders."""
