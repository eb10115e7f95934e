"""Repeatable measurements beside a peer in the same run."""
