"""The command answers at once and lists what can be asked for."""

import subprocess
import sys
import time

from click.testing import CliRunner

from highneeds.cli import SECTION_NAMES, main
from highneeds.params import SECTIONS


def test_help_loads_no_heavy_library():
    """Help answers in under half a second: nothing heavy is imported for it."""
    heavy = "{'pandas','numpy','matplotlib','papermill','nbconvert','statsmodels','seaborn','weasyprint','pydantic'}"
    code = (
        "import sys; from highneeds.cli import main; main(['--help'], standalone_mode=False); "
        f"print(sorted({heavy} & set(sys.modules)))"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("[]\n")


def test_help_answers_in_half_a_second():
    """The best of five, so that a busy machine is not mistaken for a slow command."""
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run([sys.executable, "-m", "highneeds.cli", "--help"], capture_output=True, check=True)
        seconds.append(time.perf_counter() - start)

    assert min(seconds) < 0.5


def test_authorities_are_listed_with_their_codes():
    """What can be typed after `report`."""
    done = CliRunner().invoke(main, ["authorities"])

    lines = done.output.splitlines()
    assert 153 == len(lines)
    assert any(line.split()[:3] == ["E10000016", "886", "Kent"] for line in lines)


def test_the_command_and_the_parameters_know_the_same_sections():
    """Both read contents.py, which loads nothing, so that help stays quick."""
    assert SECTIONS == SECTION_NAMES
