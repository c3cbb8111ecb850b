"""How well and how fast entries are read from Markdown that others wrote."""
