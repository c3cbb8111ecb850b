"""Plain text for pipes and files, and the pieces of it that a terminal shows with colours."""
