"""Websites of small businesses: drafts, photos, publications, and the edge that serves them.

Begin with `editor.py` (drafts), `media.py` (photos) and `publisher.py` (check, render,
upload, switch). `website`, `packs`, `rendering`, `checks`, `legal` and `publication` are
pure; `packs/` holds template packs as data. `media_worker.py` and `edge/` are processes
of their own: the one decodes hostile photos in bounded children, the other serves what
`providers/directory.py` published.
"""
