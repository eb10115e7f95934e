"""API keys of integrators: made by owners, exchanged for five-minute tokens."""
