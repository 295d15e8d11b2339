"""Growline's centre: what is true about a family's conversation and what may be done with it.

``rules`` decide (pure), ``content`` holds the words, ``store`` remembers, ``usecases`` are the deeds. Every program
(gateway, worker, actions, console) goes through here; nothing here knows Rasa, Twilio or a web framework.
"""
