"""What a document is: its sections, the marks on it, and what belongs to each of them."""
