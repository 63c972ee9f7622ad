"""Face geometry: from text to structure, and from geometry to maps."""
