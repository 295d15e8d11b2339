"""The custom actions Rasa calls: one thin module per step of the conversation.

An action translates: it reads the turn, calls one use case, and says what came back. It decides nothing and writes no
sentence.
"""
