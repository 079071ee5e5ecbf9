"""x"""
def guard(*a, **k):
    """x"""
