"""A stand-in for Twilio, so that the whole system runs, is tested and is shown without an account.

It speaks the Messages API to the worker, posts signed webhooks and delivery receipts to the gateway,
breaks on request, and puts a parent's phone on a web page. Nothing outlives the process.
"""
