"""Starting the server: one process or several."""
