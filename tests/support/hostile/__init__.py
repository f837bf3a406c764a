"""What nobody sends in good faith."""
