"""The local edge: serves published sites by host, from the folder a publisher wrote."""
