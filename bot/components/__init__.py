"""What the engine adds to Rasa's pipeline: a tokenizer for two languages at once, and readers of fixed forms.

A reader decides what has a form that can be stated (a reply word, a date, a worry named by its words); Rasa's
trained classifier decides the rest. Readers see the open question, which Rasa's own components never do.
"""
