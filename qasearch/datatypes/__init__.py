"""What flows through qasearch: frozen dataclasses that know no library."""
