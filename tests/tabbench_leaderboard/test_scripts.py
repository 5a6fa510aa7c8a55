"""The scripts of the site are typed, and in the form that can be inlined."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from tabbench_leaderboard.bundle import BundleError, bundle
from tabbench_leaderboard.folders import folder_of

CHECKS = Path(__file__).parents[2] / "scripts" / "browser_checks"
SCRIPTS = folder_of("scripts")


@pytest.mark.slow
def test_types_hold_as_strictly_as_typescript_can() -> None:
    compiler = CHECKS / "node_modules" / "typescript" / "bin" / "tsc"
    if shutil.which("node") is None or not compiler.is_file():
        pytest.skip("no TypeScript: npm ci --prefix scripts/browser_checks")
    done = subprocess.run(
        ["node", str(compiler), "-p", str(CHECKS)], capture_output=True, text=True, timeout=300, check=False
    )
    assert done.stdout == ""
    assert done.returncode == 0


def test_every_module_can_be_inlined() -> None:
    modules = [file.relative_to(SCRIPTS).as_posix() for file in SCRIPTS.rglob("*.js") if "vendor" not in file.parts]
    assert modules
    for module in modules:
        bundle(SCRIPTS, module)


def written(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder


def test_a_bundle_runs_its_modules_once_each_and_their_names_never_meet(tmp_path: Path) -> None:
    if shutil.which("node") is None:
        pytest.skip("no node to run JavaScript with")
    folder = written(
        tmp_path,
        a='const hidden = 1;\nexport function one() {\n  return hidden;\n}\nconsole.log("a once");\n',
        b='import { one } from "./a.js";\nconst hidden = 2;\nexport const two = () => one() + hidden;\n',
        page='import { one } from "./a.js";\nimport {\n  two,\n} from "./b.js";\nconsole.log(one(), two());\n',
    )
    done = subprocess.run(
        ["node", "-e", bundle(folder, "page.js")], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout == "a once\n1 3\n"


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ('import * as all from "./a.js";\n', "import"),
        ('import { a as b } from "./gone.js";\n', "gone.js is missing|form"),
        ("export default 3;\n", "export default"),
        ('const later = import("./a.js");\n', "import"),
        ('import { x } from "./page.js";\n', "circle"),
    ],
)
def test_a_form_that_cannot_be_inlined_is_named(text: str, complaint: str, tmp_path: Path) -> None:
    with pytest.raises(BundleError, match=complaint):
        bundle(written(tmp_path, a="export const a = 1;\n", page=text), "page.js")
