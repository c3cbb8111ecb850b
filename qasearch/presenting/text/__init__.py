"""Plain text, for pipes and files; `qasearch.presenting.terminal` adds what only a terminal can
show.
"""
