"""The engine of Growline: what Rasa loads to understand a message and decide what happens next.

It remembers nothing. Every turn arrives with its context (language, open question, child's first name),
is understood, answered by one or two calls to the action server, and forgotten.
"""
