"""What assistants ask, by the Model Context Protocol: tools that read, and write nothing."""
