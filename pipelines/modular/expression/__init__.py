"""Block: an expression to prompt and map."""
