"""The integrator's book: every Protocol a plugin can implement, with the values it exchanges.

Values are frozen dataclasses, JSON-encodable by pydantic's TypeAdapter. Methods are
async and marked `@reads` or `@acts(find=...)` (see `marks`). An act and its find take
the intent and the effect id; the find says whether that very effect already happened.
"""
