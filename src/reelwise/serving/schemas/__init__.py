"""The shapes at the border: what comes in is checked here, what goes out is named and rounded here."""
