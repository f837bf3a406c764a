"""In which order films are shown, and which of them somebody has likely seen."""
