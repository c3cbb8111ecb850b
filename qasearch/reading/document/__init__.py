"""What a document is: its outline, the marks on it, and what belongs to each of them."""
