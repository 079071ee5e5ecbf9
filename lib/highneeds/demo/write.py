"""Writing an invented authority: every layout in a folder of its own, with look-ups and planning files beside them."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa

from highneeds.demo.faults import add_faults
from highneeds.demo.planning import write_planning
from highneeds.demo.returns import one_return
from highneeds.demo.world import AS_AT, LA_CODE, World, make_world
from highneeds.demo.write_annex_a import write_annex_a
from highneeds.demo.write_csv import write_blade_csv, write_five_csv, write_table
from highneeds.demo.write_extract import write_extract
from highneeds.demo.write_workbooks import write_pre_submission, write_template
from highneeds.demo.write_xml import write_sen2_xml
from highneeds.errors import ParamsError
from highneeds.files import home, whole_folder

NOTE = "INVENTED.txt"
LAYOUTS: dict[str, Callable[[World, Path], list[Path]]] = {
    "sen2_xml": write_sen2_xml,
    "blade_csv": write_blade_csv,
    "template": write_template,
    "pre_submission": write_pre_submission,
    "five_csv": write_five_csv,
    "annex_a": write_annex_a,
    "extract": write_extract,
}
# Layouts of the SEN2 return, which come year by year.
RETURNS = ("sen2_xml", "blade_csv", "template", "pre_submission", "five_csv")
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}


def write_demo(
    out: Path,
    *,
    layouts: Sequence[str] = tuple(LAYOUTS),
    requests_a_year: int = 4000,
    years: Sequence[int] = (),
    as_at: date = AS_AT,
    seed: int = 2025,
    la_code: str = LA_CODE,
    faults: Sequence[str] = (),
) -> list[Path]:
    """Write invented cases into a folder, a subfolder a layout; gives the paths written.

    Without years each layout carries the whole history of all cases, so that measures from every layout agree.
    With years each layout of the return holds what a real return of each year would, a subfolder a year.
    Same arguments, same bytes. The folder appears whole or not at all. Raises ParamsError where an argument is wrong
    or the folder holds anything that is not an earlier invention.
    """
    unknown = [name for name in layouts if name not in LAYOUTS]
    if unknown:
        raise ParamsError(f"layouts {', '.join(unknown)}: unknown. Expected some of {', '.join(LAYOUTS)}.")
    check_folder(out)
    world = make_world(requests_a_year=requests_a_year, as_at=as_at, seed=seed, la_code=la_code)
    if faults:
        world = add_faults(world, faults, seed=seed)
    with whole_folder(out) as filling:
        written = [path for name in dict.fromkeys(layouts) for path in _write_layout(world, filling, name, years)]
        written += _write_lookups(world, filling) + write_planning(filling, requests_a_year=requests_a_year)
        names = sorted(path.relative_to(filling).as_posix() for path in written)
        (filling / NOTE).write_text(_note(world, names, requests_a_year), encoding="utf-8")
    return [out / name for name in (NOTE, *names)]


def check_folder(out: Path) -> None:
    """Raise ParamsError where a folder is no place for inventions: real data, or files that are not inventions."""
    target, real = out.resolve(), (home() / "data").resolve()
    if target == real or real in target.parents or target in real.parents:
        raise ParamsError(f"{out}: holds the project's data, or lies in it. Choose a folder apart from it.")
    if not out.exists():
        return
    if not out.is_dir():
        raise ParamsError(f"{out}: is a file. Expected a folder, new or empty.")
    listed = _listed(out / NOTE)
    strangers = [
        path for path in sorted(out.rglob("*"))
        if not path.is_dir() and path.name not in _LITTER and path.relative_to(out).as_posix() not in listed
    ]  # fmt: skip
    if strangers:
        raise ParamsError(
            f"{out}: has {len(strangers):,} file{'s' if len(strangers) > 1 else ''} that no earlier run wrote. "
            "Nothing was written. Choose a new or empty folder, or move them away."
        )


def _listed(note: Path) -> set[str]:
    """Files that an earlier run says it wrote."""
    if not note.is_file():
        return set()
    lines = note.read_text(encoding="utf-8", errors="replace").splitlines()
    return {NOTE} | {line.removeprefix("- ") for line in lines if line.startswith("- ")}


def _write_layout(world: World, folder: Path, layout: str, years: Sequence[int]) -> list[Path]:
    """One layout: the whole history, or a return a year."""
    if layout not in RETURNS or not years:
        return _write_into(world, folder / layout, layout)
    return [
        path
        for year in sorted(set(years))
        for path in _write_into(one_return(world, year), folder / layout / str(year), layout)
    ]


def _write_into(world: World, folder: Path, layout: str) -> list[Path]:
    folder.mkdir(parents=True)
    return LAYOUTS[layout](world, folder)


def _write_lookups(world: World, folder: Path) -> list[Path]:
    """The authority's districts and areas, the register of schools, and what a fault needs beside them."""
    tables = {
        "postcodes.csv": world.lookup.assign(note="INVENTED"),
        "gias.csv": world.register,
        "expected_placements.csv": world.expected.assign(note="INVENTED"),
        "printed.csv": world.printed,
    }
    return [
        write_table(pa.Table.from_pandas(frame, preserve_index=False), folder / name)
        for name, frame in tables.items()
        if len(frame)
    ]


def _note(world: World, names: Sequence[str], requests_a_year: int) -> str:
    faults = [f"{rule}: {count:,}" for rule, count in sorted(world.faults.items())]
    return "\n".join(
        [
            "INVENTED",
            "",
            "Everything in this folder is invented. No child, school, place or case in it exists.",
            "Surnames begin with 'Invented', ids of the five CSVs and of Annex A with INVENTED-.",
            "",
            f"About {requests_a_year:,} requests a year, as records would stand on {world.as_at}; seed {world.seed};",
            f"authority {world.la_code}, which is {'nobody' if world.la_code == LA_CODE else 'named in the command'}.",
            f"Faults put in, and rows changed: {'; '.join(faults) or 'none'}.",
            "",
            "Files:",
            *(f"- {name}" for name in names),
            "",
        ]
    )
