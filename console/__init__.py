"""The console: intake staff sign in, see the flagged conversations in order of urgency, open a case and move
its referrals.

It reads the store and writes only through use cases. Every route names its permission, every look at a
family's record is written to the audit trail, and the pages work without any script.
"""
