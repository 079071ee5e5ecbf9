"""Raw files to raw rows: one reader per layout. Nothing here judges a value; `clean` does."""
