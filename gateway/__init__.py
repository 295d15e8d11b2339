"""The public edge: takes texts from Twilio and words from the web chat, stores them, shows what was answered.

Nothing is understood or answered here; a family's words are stored with the turn that will answer them, and the
worker goes on.
"""
