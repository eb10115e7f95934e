"""Operators: a one-time link, made on the machine itself, turns a user into one."""
