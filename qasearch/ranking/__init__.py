"""Which entries may answer a question, how good they are, and how likely the best one is right.

Reads an index; knows no reply. The read path ranks with this room, and the write path learns with
it what one corpus is like.
"""
