"""The words and data an affiliate's clinicians write: questions, programs, safety lines, keywords, messages.

Each kind has a module that reads and checks it; ``library`` joins them all.
"""
