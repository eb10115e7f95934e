"""The service's map: see the module docstrings."""
