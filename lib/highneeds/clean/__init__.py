"""Raw rows to cleaned tables, with the data-quality rules that stand between them."""
