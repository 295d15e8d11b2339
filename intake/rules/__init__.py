"""The rules: age, checklist, triage, routing, safety words, opt-out words, status moves.

Pure functions over plain values with today's date as an argument. They import the standard library and nothing else, so
that a clinician's rule can be read, tested and changed in one place.
"""
