"""The page: its files, its languages, and the documents that are made of them."""
