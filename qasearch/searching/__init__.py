"""A question to a reply: candidates, their fusion into one ranking, and the verdict. Never
writes.
"""
