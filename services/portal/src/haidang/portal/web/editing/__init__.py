"""What the website editor knows without asking anybody: drafts as JSON, places in them,
forms out of a pack's schemas, three-way merging. Pure; rooms/editor*.py come in here.

    drafts.py    a draft as one JSON document      places.py   screens: a place in a draft
    schema_forms.py  schema and value -> fields, texts -> value
    merging.py   two people, one form              fitting.py  content in another pack
"""
