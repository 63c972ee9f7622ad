"""Reading faces: landmarks, action units, expressions, and verdicts against a request."""
