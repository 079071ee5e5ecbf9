"""A new section of the report, from templates: notebook, module, test, row of the start page, line in contents.py.

Owns what such a section may be called and where its files stand; what stands in them is `assets/new_section`'s.
"""

import builtins
import difflib
import json
import keyword
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from string import Template

from highneeds import params
from highneeds.contents import Section
from highneeds.errors import ParamsError
from highneeds.facts import Facts
from highneeds.files import panel_folder, write_whole
from highneeds.measures.declarations import MEASURES
from highneeds.report.notebooks import TYPES
from highneeds.sections.opening import newest_input
from highneeds.sources.panel import read_panel
from highneeds.sources.papers import Papers

TEMPLATES = Path(__file__).resolve().parents[1] / "assets" / "new_section"
AUTHORITY = "Kent"  # whose figure the test holds on to, and the notebooks' default
USUAL = "ehc_plans"
QUESTION = "How has this changed, and how do other authorities compare?"
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")
NOTEBOOKS_OWN = (*TYPES, "page", "open_page")  # names that stand for something else in a notebook
DEVICES = ("con", "prn", "aux", "nul")  # no file of that name can stand on Windows
LONGEST = {"title": 70, "question": 100}
UNWANTED = re.compile(r'["\\{}<>$`*_|\[\]\n\r\t]')  # signs that would mean something to Python, a page or a notebook
ENTRY = re.compile(r'^    Section\((\d+), "(\w+)"(.*)\),$', re.MULTILINE)
START = "00_start.ipynb"
ROW = re.compile(r"\| \[.+\]\((\d\d_\w+\.ipynb)\) \| .+ \|")
FEWEST_PERIODS = 2


@dataclass(frozen=True)
class Begun:
    """A section that was written: its place in the report and its files, in the project's folder."""

    section: Section
    files: tuple[Path, ...]


def begin_section(home: Path, name: str, *, measure: str = "", title: str = "", question: str = "") -> Begun:
    """Write a working section on one measure, whole or not at all.

    measure: left out, the one of the section's name, else EHC plans; title: left out, the measure's label.
    Raises ParamsError, all faults together, before anything is written.
    """
    contents = _contents(home)
    measure = measure or (name if name in MEASURES else USUAL)
    title = title or (MEASURES[measure].label if measure in MEASURES else "")
    question = question or QUESTION
    held = [(int(number), slug, rest) for number, slug, rest in ENTRY.findall(contents)]
    number = _free_number(home, held)
    section = Section(number or 0, name)
    faults = _name_faults(home, name, [slug for _, slug, _ in held]) + _word_faults(title=title, question=question)
    faults += [] if number else ["contents.py: no number below the appendices is free. Give two sections other ones."]
    facts, lacks = _facts(home, measure)
    if faults or lacks:
        raise ParamsError([*faults, *lacks])
    words = {"slug": name, "measure": measure, "title": title, "question": question} | _known(facts, measure)
    return Begun(section, _write(home, section, words, contents))


def _contents(home: Path) -> str:
    path = home / "lib" / "highneeds" / "contents.py"
    if not path.is_file() or not (home / "tests").is_dir():
        raise ParamsError(
            f"{home}: holds no code of the suite. Expected a clone of the project, with lib and tests. Call the "
            "command in one, or name it in the variable HIGHNEEDS_HOME."
        )
    return path.read_text(encoding="utf-8")


def _free_number(home: Path, held: list[tuple[int, str, str]]) -> int | None:
    """The lowest number after the last section that is no appendix; where none is left, the highest before it."""
    body = [number for number, _, rest in held if "appendix=True" not in rest]
    end = min((number for number, _, rest in held if "appendix=True" in rest), default=100)
    used = {*body, *(int(path.name[:2]) for path in (home / "notebooks").glob("[0-9][0-9]_*.ipynb"))}
    free = [number for number in range(1, end) if number not in used]
    return next((number for number in free if number > max(body, default=0)), max(free, default=None))


def _name_faults(home: Path, name: str, slugs: list[str]) -> list[str]:
    """What speaks against a name; nothing of the files is looked at for one that could be no file's."""
    if not NAME.fullmatch(name) or keyword.iskeyword(name):
        return [
            f"name '{name}': is no name of a module. Expected a small letter, then at most 39 small letters, digits "
            "and _, and no word of Python's own, such as tribunal_appeals."
        ]
    if name in slugs:
        return [f"name '{name}': there is a section of that name. Expected a new one. Sections: {', '.join(slugs)}."]
    if name in NOTEBOOKS_OWN or name in DEVICES or hasattr(builtins, name):
        return [f"name '{name}': means something else in a notebook or to a system. Choose another."]
    return [
        f"name '{name}': {path.relative_to(home).as_posix()} is there already. Choose another name, or move that away."
        for path in _taken(home, name)
    ]


def _taken(home: Path, name: str) -> list[Path]:
    """Files and folders that a section of this name would clash with."""
    module = home / "lib" / "highneeds" / "sections" / name
    places = [module, module.with_suffix(".py"), home / "tests" / f"test_{name}_section.py"]
    return [*(place for place in places if place.exists()), *sorted((home / "notebooks").glob(f"??_{name}.ipynb"))]


def _word_faults(**words: str) -> list[str]:
    faults = []
    for name, text in words.items():
        if UNWANTED.search(text):
            faults.append(f"{name}: found {UNWANTED.search(text)[0]!r}. Expected plain words in one line, without it.")
        if len(text) > LONGEST[name]:
            faults.append(f"{name}: found {len(text)} signs. Expected at most {LONGEST[name]}. Shorten it.")
    if not words["question"].endswith("?"):
        faults.append("question: does not end with a question mark. Expected a question that the section answers.")
    return faults


def _facts(home: Path, measure: str) -> tuple[Facts | None, list[str]]:
    """Published figures as at the newest input's day; what a measure lacks to be told by year."""
    if measure not in MEASURES:
        near = ", ".join(difflib.get_close_matches(measure, MEASURES, n=3)) or "none is close"
        return None, [f"measure '{measure}': there is none of that name. Nearest: {near}. All: highneeds measures"]
    panel = read_panel(panel_folder(home))
    day = newest_input(panel, Papers({}, None, {}))
    facts = Facts(panel, params.find_authority(panel.areas, AUTHORITY), day)
    held = facts.periods(measure)
    if len(held) < FEWEST_PERIODS or not facts.get(measure, facts.authority, held[-1]).known:
        return None, [
            f"measure '{measure}': the panel holds {len(held)} periods of it for England. Expected {FEWEST_PERIODS} "
            f"or more, the last with {AUTHORITY}'s figure. Choose another, or import its figures: docs/new-measure.md."
        ]
    return facts, []


def _known(facts: Facts, measure: str) -> dict[str, str]:
    """The newest figure of the default authority, for the test to hold on to."""
    figure = facts.get(measure, facts.authority, facts.latest(measure))
    return {"printed": figure.text, "when": figure.when, "area": AUTHORITY, "day": facts.as_at.isoformat()}


def _write(home: Path, section: Section, words: Mapping[str, str], contents: str) -> tuple[Path, ...]:
    """Files first, the line that brings them into the report last; a fault on the way takes back what was written."""
    made = {
        home / "lib" / "highneeds" / "sections" / f"{section.slug}.py": _filled("section.py.in", words),
        home / "tests" / f"test_{section.slug}_section.py": _filled("test.py.in", words),
        home / "notebooks" / section.notebook: _notebook(words),
    }
    edited = _start_page(home, section, words)
    edited[home / "lib" / "highneeds" / "contents.py"] = _with_entry(contents, section)
    before = {path: path.read_bytes() for path in edited}
    try:
        for path, text in (made | edited).items():
            write_whole(path, text.encode("utf-8"))
    except BaseException:
        for path in made:
            path.unlink(missing_ok=True)
        for path, content in before.items():
            path.write_bytes(content)
        raise
    return (*made, *edited)


def _start_page(home: Path, section: Section, words: Mapping[str, str]) -> dict[Path, str]:
    """The start page with a row for the notebook: it leads to every section's. Nothing where there is no such page."""
    path = home / "notebooks" / START
    book = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {"cells": []}
    for cell in book["cells"]:
        lines = "".join(cell["source"]).split("\n")
        rows = {at: found[1] for at, line in enumerate(lines) if (found := ROW.fullmatch(line))}
        if rows:
            at = next((at for at, name in rows.items() if name > section.notebook), max(rows) + 1)
            lines.insert(at, f"| [{words['title']}]({section.notebook}) | {words['question']} |")
            cell["source"] = "\n".join(lines).splitlines(keepends=True)
            return {path: json.dumps(book, indent=1, ensure_ascii=False) + "\n"}
    return {}


def _filled(name: str, words: Mapping[str, str]) -> str:
    return Template((TEMPLATES / name).read_text(encoding="utf-8")).substitute(words)


def _notebook(words: Mapping[str, str]) -> str:
    """The notebook's template, filled cell by cell, for a quotation mark is written otherwise there."""
    book = json.loads((TEMPLATES / "notebook.ipynb.in").read_text(encoding="utf-8"))
    more = {"imported": ", ".join(sorted((words["slug"], "open_page"))), "about": MEASURES[words["measure"]].definition}
    for cell in book["cells"]:
        cell["source"] = Template(cell["source"]).substitute(words | more)
    return json.dumps(book, indent=1, ensure_ascii=False) + "\n"


def _with_entry(contents: str, section: Section) -> str:
    """contents.py with a line for the section, before the first one of a higher number."""
    after = next((found for found in ENTRY.finditer(contents) if int(found[1]) > section.number), None)
    at = after.start() if after else list(ENTRY.finditer(contents))[-1].end() + 1
    return f'{contents[:at]}    Section({section.number}, "{section.slug}"),\n{contents[at:]}'
