"""Explore: the analyst's bench. Widgets over what sections and models make; no report depends on it."""
