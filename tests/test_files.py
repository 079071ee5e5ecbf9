"""Files and folders appear whole or not at all."""

import pytest

from highneeds.files import aside, restore, whole_folder, write_whole


def test_a_failed_folder_leaves_the_old_one(tmp_path):
    """A run that dies halfway must not leave half a report."""
    target = tmp_path / "report"
    target.mkdir()
    (target / "old").write_text("old")

    with pytest.raises(RuntimeError), whole_folder(target) as filling:
        (filling / "new").write_text("new")
        raise RuntimeError

    assert ["old"] == [path.name for path in target.iterdir()]
    assert ["report"] == [path.name for path in tmp_path.iterdir()]


def test_a_finished_folder_takes_the_place_of_the_old_one(tmp_path):
    """Nothing of the old report stays between the new."""
    target = tmp_path / "report"
    target.mkdir()
    (target / "old").write_text("old")

    with whole_folder(target) as filling:
        (filling / "new").write_text("new")

    assert ["new"] == [path.name for path in target.iterdir()]
    assert ["report"] == [path.name for path in tmp_path.iterdir()]


def test_a_run_killed_between_two_renames_is_put_right(tmp_path):
    """The old folder waits aside and comes back."""
    target = tmp_path / "panel"
    aside(target).mkdir()
    (aside(target) / "old").write_text("old")

    restore(target)

    assert ["old"] == [path.name for path in target.iterdir()]


def test_a_file_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    """A full disk costs the new file only."""
    target = tmp_path / "figures.csv"
    target.write_text("old")

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("highneeds.files.os.fsync", full)
    with pytest.raises(OSError, match="No space"):
        write_whole(target, b"new")

    assert "old" == target.read_text()
    assert ["figures.csv"] == [path.name for path in tmp_path.iterdir()]
