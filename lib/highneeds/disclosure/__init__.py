"""Disclosure control: what may be printed about few people, and what is hidden, rounded or stopped."""
