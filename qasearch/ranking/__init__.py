"""What makes one entry a better answer than another, and how sure that is.

Reads an index, knows no reply. The read path ranks with it; the write path learns from it what this
corpus is like.
"""
