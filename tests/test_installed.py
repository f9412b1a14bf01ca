"""What is installed is one package: it shares no file with anybody else's `kernels` or `forecast`."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.installed import ROOT

ARCHIVE = ROOT / "forecast" / "data" / "archive" / "tables"
DEMO = ROOT / "forecast" / "app" / "demo"
THEIRS = "VALUE = 'somebody else'\n"


def _wheel_of_kernels(folder: Path) -> Path:
    """A wheel of a package of the name that one of our folders has."""
    wheel, info = folder / "kernels-1.0-py3-none-any.whl", "kernels-1.0.dist-info"
    with zipfile.ZipFile(wheel, "w") as file:
        file.writestr("kernels/__init__.py", THEIRS)
        file.writestr(f"{info}/METADATA", "Metadata-Version: 2.1\nName: kernels\nVersion: 1.0\n")
        file.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        file.writestr(f"{info}/RECORD", f"kernels/__init__.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/RECORD,,\n")
    return wheel


@pytest.fixture(scope="module")
def ours(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Our wheel, built from a copy of what belongs in it."""
    folder = tmp_path_factory.mktemp("wheel")
    copy = folder / "copy"
    copy.mkdir()
    files = [path for part in ("forecast", "kernels") for path in (ROOT / part).rglob("*.py")]
    files += sorted(ARCHIVE.glob("*.parquet"))
    files += [path for path in (ROOT / "forecast" / "report" / "templates").iterdir() if path.is_file()]
    files += [path for path in DEMO.iterdir() if path.is_file()]
    files += [ROOT / name for name in ("pyproject.toml", "README.md", "LICENSE", "forecast/py.typed")]
    for path in files:
        target = copy / path.relative_to(ROOT)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(path.read_bytes())
    command = [sys.executable, "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(folder), str(copy)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    (wheel,) = folder.glob("runoff-*.whl")
    return wheel


def test_the_wheel_has_everything_below_one_name(ours: Path) -> None:
    """Every module of both folders, the archive's tables, the demo, the mark of types, and nothing beside `runoff`."""
    with zipfile.ZipFile(ours) as file:
        names = set(file.namelist())
    assert {name.split("/")[0] for name in names if ".dist-info" not in name} == {"runoff"}
    for folder, prefix in (("forecast", "runoff"), ("kernels", "runoff/kernels")):
        for path in (ROOT / folder).rglob("*.py"):
            assert f"{prefix}/{path.relative_to(ROOT / folder)}" in names
    assert "runoff/py.typed" in names
    tables = {f"runoff/data/archive/tables/{path.name}" for path in ARCHIVE.iterdir()}
    assert len(tables) == 5
    assert tables <= names
    assert {f"runoff/app/demo/{path.name}" for path in DEMO.iterdir()} <= names
    templates = {path.name for path in (ROOT / "forecast" / "report" / "templates").iterdir()}
    assert templates == {name.rsplit("/", 1)[1] for name in names if name.startswith("runoff/report/templates/")}


def test_the_package_s_name_is_the_command_too(tmp_path: Path) -> None:
    """`python -m runoff` says and does what `runoff` does, and ends with its code."""
    started = [sys.executable, "-m", "runoff"]
    good, bad = (
        subprocess.run([*started, *words], cwd=tmp_path, capture_output=True, text=True, check=False)
        for words in (["--version"], ["check", "nowhere.toml"])
    )
    assert (good.returncode, good.stdout.split()[0]) == (0, "runoff")
    assert bad.returncode == 66
    assert "nowhere.toml" in bad.stderr


@pytest.mark.parametrize("first", ["ours", "theirs"])
def test_somebody_elses_kernels_stay_whole(first: str, ours: Path, tmp_path: Path) -> None:
    """Side by side in one environment, in either order of installation: both are there, and neither is changed."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")], check=True)
    python = next(path for path in (tmp_path / "env").glob("*/python*") if path.parent.name in ("bin", "Scripts"))
    wheels = [ours, _wheel_of_kernels(tmp_path)]
    for wheel in wheels if first == "ours" else wheels[::-1]:
        command = [sys.executable, "-m", "pip", "--python", str(python), "install", "-q", "--no-deps", str(wheel)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
    code = "import kernels, runoff; print(kernels.VALUE, runoff.__version__, runoff.__file__)"
    answer = subprocess.run([str(python), "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    theirs, version, place = answer.stdout.strip().rsplit(" ", 2)
    assert (theirs, version) == ("somebody else", __import__("runoff").__version__)
    folder = Path(place).parent
    assert (folder / "kernels" / "philox.py").read_bytes() == (ROOT / "kernels" / "philox.py").read_bytes()
    assert (folder.parent / "kernels" / "__init__.py").read_text() == THEIRS
