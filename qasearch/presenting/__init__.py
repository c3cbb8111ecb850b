"""Replies and entries to text, JSON and `path:line:col`. Pure: nothing is printed here.

Nothing from a corpus reaches a terminal raw: `controls.visible` takes out what a terminal would
obey.
"""
