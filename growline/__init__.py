"""The operator's command line: ``growline run`` starts every program; the other commands look after a running system."""
