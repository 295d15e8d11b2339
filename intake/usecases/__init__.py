"""The deeds: what may be done with a family's conversation, each one function, one transaction, one receipt.

A deed takes plain values and gives back an Outcome: which lines to say and what is open next. It knows nothing of Rasa, SMS
or the web.
"""
