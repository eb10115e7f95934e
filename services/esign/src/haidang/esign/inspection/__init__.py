"""Inspection: reads hostile PDF bytes strictly and turns them into plain facts.

Runs only inside the bounded child of the verify worker. Comes in: bytes, anchors, an
instant. Goes out: `haidang.esign.facts`. Never here: a verdict, a repair, a guess.
"""
