"""Puts the tables of a run into README.md of this folder, between two marks."""
import os

PAGE = os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "README.md")
BEGIN = "<!-- figures: compare.py --write-page writes what follows -->"
END = "<!-- end of figures -->"


def with_figures(text, written):
    before, begin, rest = text.partition(BEGIN)
    between, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"the page has lost its marks {BEGIN} and {END}")
    return f"{before}{BEGIN}\n\n{written.strip()}\n\n{END}{after}"


def write(written, path=PAGE):
    with open(path, encoding="utf-8") as file:
        text = file.read()
    with open(path, "w", encoding="utf-8") as file:
        file.write(with_figures(text, written))
