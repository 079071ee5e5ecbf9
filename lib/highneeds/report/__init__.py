"""From parameters to a folder that can be published: run notebooks, render, join, print, list what was used."""
