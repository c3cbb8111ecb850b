"""Replies, entries, evaluations, concepts and maps made ready to be read. Nothing is printed here.

`text` writes plain text, `terminal` adds what only a terminal can show, `pictures` draws charts and
`page` makes the map that a browser shows.

No text of a corpus reaches a terminal unchecked: `text.printable` replaces every character that a
terminal would obey.
"""
