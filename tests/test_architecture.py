"""The house: rooms import from lower floors only, and a listing explains the system."""

import ast
from functools import cache
from pathlib import Path

from highneeds.measures.docs import measures_page
from tests.conftest import ROOT

LIBRARY = ROOT / "lib" / "highneeds"
FLOORS = [
    {"errors", "periods", "terms", "contents", "files", "fields", "limits", "cases"},
    {"measures", "params"},
    {"figures", "schemas", "scenarios", "views"},
    {"sources", "months"},
    {"clean", "facts"},
    {"claims", "tables", "charts", "disclosure", "models"},
    {"sections"},
    {"report", "demo", "explore"},
    {"engine"},
    {"cli"},
]
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}
TOUCH_DISK = {"files", "views", "sources", "sections", "report", "engine", "cli", "demo", "explore"}


@cache
def modules():
    """Every module with its room, read once for all rules."""
    paths = sorted(LIBRARY.rglob("*.py"))
    rooms = [path.relative_to(LIBRARY).parts[0].removesuffix(".py") for path in paths]
    return [(path, room, ast.parse(path.read_text(encoding="utf-8"))) for path, room in zip(paths, rooms, strict=True)]


def imported_rooms(tree):
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and node.module and node.module.startswith("highneeds"):
            parts = node.module.split(".")
            yield from [parts[1]] if len(parts) > 1 else [alias.name for alias in node.names]
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[1] for alias in node.names if alias.name.startswith("highneeds."))


def test_every_room_has_a_floor():
    """A new room is placed on purpose."""
    assert {room for _, room, _ in modules()} - {"__init__"} == set(FLOOR)


def test_rooms_import_from_lower_floors_only():
    """Flow is one way: sources, clean, measures, sections, report."""
    wrong = [
        f"{path.relative_to(LIBRARY)} imports {other}"
        for path, room, tree in modules()
        for other in imported_rooms(tree)
        if room in FLOOR and other in FLOOR and other != room and FLOOR[other] >= FLOOR[room]
    ]

    assert [] == wrong


def test_only_some_rooms_touch_the_disk():
    """Measures, claims, tables and charts are arithmetic and text."""
    words = {"open", "read_csv", "to_csv", "write_text", "read_text", "write_bytes", "read_bytes"}
    wrong = [
        f"{path.relative_to(LIBRARY)}:{node.lineno}"
        for path, room, tree in modules()
        if room not in TOUCH_DISK
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "attr", "") in words or getattr(node.func, "id", "") == "open")
    ]

    assert [] == wrong


def test_public_functions_have_docstrings_and_modules_say_what_they_own():
    """A name alone never gives shapes, units and errors."""
    wrong = []
    for path, _, tree in modules():
        public = [node for node in tree.body if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        public += [node for holder in public if isinstance(holder, ast.ClassDef) for node in holder.body]
        named = [node for node in public if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and node.name[0] != "_"]
        wrong += [f"{path.name}:{node.name}" for node in named if not ast.get_docstring(node)]
        wrong += [] if ast.get_docstring(tree) else [str(path)]

    assert [] == wrong


def test_nothing_prints_or_reads_the_clock():
    """Same inputs, same bytes; the command line alone speaks to a person, and one type of its days knows the date."""
    banned = {"today", "now", "utcnow", "time_ns"}
    wrong = [
        f"{path.name}:{node.lineno}"
        for path, room, tree in modules()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and path.relative_to(LIBRARY).as_posix() != "cli/days.py"  # `--as-at last-month-end`, where it is asked for
        and (getattr(node.func, "attr", "") in banned or (getattr(node.func, "id", "") == "print" and room != "cli"))
    ]

    assert [] == wrong


def test_the_page_of_measures_is_up_to_date():
    """docs/measures.md is written by `highneeds measures`, never by hand."""
    assert measures_page() == (ROOT / "docs" / "measures.md").read_text(encoding="utf-8")


def test_no_file_names_a_registry_or_a_place_of_one_machine():
    """What is committed works anywhere."""
    import subprocess

    listed = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False).stdout.split()
    texts = [ROOT / name for name in listed if not name.endswith((".gz", ".png")) and "test_architecture" not in name]
    hosts = ("pypi" + ".org", "python" + "hosted", "registry." + "npmjs", "--index" + "-url")
    banned = (*hosts, "/home/", "/Users/", "/" + "work/")

    wrong = [
        str(path)
        for path in texts
        if path.is_file()
        for word in banned
        if word in path.read_text(encoding="utf-8", errors="replace")
    ]

    assert [] == wrong


def test_no_large_file_is_committed():
    """Releases and local extracts are never committed."""
    big = [
        path
        for path in Path(ROOT / "data").rglob("*")
        if path.is_file() and path.stat().st_size > 1_500_000 and "official" not in path.parts
    ]

    assert [] == big
