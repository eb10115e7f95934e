"""Built-in providers, offered through the same door as strangers."""
