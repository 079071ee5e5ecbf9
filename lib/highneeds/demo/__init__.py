"""Invented cases: a made-up authority that behaves like a real one, in every layout, with its truth known.

Nobody in it exists. Surnames begin with `Invented`, postcodes lie in an area that Great Britain does not have.
"""
