import multiprocessing
import pickle
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from tabbench.discovery import find_models, load_model, missing_library, require_libraries, resolve_models
from tabbench.errors import MissingLibraryError, PluginError, SettingsError, UnknownNameError
from tabbench.hashing import hash_bytes
from tabbench.model import REGRESSION, Family, ModelCard, Reads
from tabbench.testing.sample import numbers_sample

GOOD = """
from tabbench.estimator import from_estimator
MODEL = from_estimator(regressor="sklearn.linear_model.Ridge", name="{name}")
"""


def write(folder: Path, text: str = GOOD, name: str = "mine") -> Path:
    path = folder / f"{name}.py"
    path.write_text(text.replace("{name}", name))
    return path


def load(path: Path) -> object:
    return load_model(resolve_models([str(path)])[0])


def test_every_installed_model_is_called_as_its_file() -> None:
    for name, source in find_models().items():
        assert load_model(source).card.name == name == Path(source.path).stem
    constant = find_models()["constant"]  # made with no other file
    assert constant.source_hash == hash_bytes(Path(constant.path).read_bytes())


def test_finding_and_loading_our_models_imports_no_heavy_library() -> None:
    code = (
        "import sys; from tabbench.discovery import find_models, load_model\n"
        "assert [load_model(s) for s in find_models().values()]\n"
        "heavy = {'torch', 'sklearn', 'xgboost', 'lightgbm', 'catboost', 'optuna', 'pandas', 'scipy'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr


def test_all_means_every_installed_model_and_paths_come_beside(tmp_path: Path) -> None:
    sources = resolve_models(["all", str(write(tmp_path))])
    assert [s.name for s in sources] == [*find_models(), "mine"]
    assert [s.is_by_path for s in sources] == [False] * (len(sources) - 1) + [True]


def test_an_unknown_model_is_told_the_nearest_and_how_to_add_one() -> None:
    with pytest.raises(UnknownNameError, match=r"'constnat' \(command line\)\. Did you mean constant\?.*models new"):
        resolve_models(["constnat"])


def test_a_model_asked_for_twice_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="'constant' is asked for twice"):
        resolve_models(["constant", "constant"])


def test_the_path_of_an_installed_model_is_that_model() -> None:
    source = find_models()["constant"]
    assert resolve_models([source.path]) == [source]


def test_an_edited_file_is_another_source_and_another_class(tmp_path: Path) -> None:
    first = resolve_models([str(write(tmp_path))])[0]
    before = load_model(first)
    again = resolve_models([str(write(tmp_path))])[0]
    assert load_model(again) is before
    second = resolve_models([str(write(tmp_path, GOOD + "# edited\n"))])[0]
    assert second.source_hash != first.source_hash
    assert load_model(second) is not before


def test_a_file_edited_between_finding_and_loading_is_refused(tmp_path: Path) -> None:
    source = resolve_models([str(write(tmp_path, GOOD + "# not loaded yet\n"))])[0]
    write(tmp_path, GOOD + "# edited\n")
    with pytest.raises(PluginError, match="changed after it was found"):
        load_model(source)


FIT_ELSEWHERE = """
import pickle, sys
from tabbench.discovery import load_model, resolve_models
from tabbench.task import REGRESSION
from tabbench.testing.sample import fit_on, numbers_sample
model = load_model(resolve_models([sys.argv[1]])[0])
fitted = fit_on(model, numbers_sample(REGRESSION, model)).model
open(sys.argv[2], "wb").write(pickle.dumps(fitted))
"""


@pytest.mark.slow
def test_an_instance_comes_back_from_another_process(tmp_path: Path) -> None:
    plugin, file = write(tmp_path), tmp_path / "fitted"
    subprocess.run([sys.executable, "-c", FIT_ELSEWHERE, str(plugin), str(file)], check=True, timeout=60)
    model = load_model(resolve_models([str(plugin)])[0])
    fitted = pickle.loads(file.read_bytes())
    assert type(fitted) is model
    sample = numbers_sample(REGRESSION, model)
    assert fitted.predict(sample.test.X).shape == (60,)


@pytest.mark.parametrize("method", ["fork", "forkserver", "spawn"])
def test_a_source_is_loaded_again_in_a_child(tmp_path: Path, method: str) -> None:
    source = resolve_models([str(write(tmp_path))])[0]
    child = multiprocessing.get_context(method).Process(target=load_model, args=(source,))
    child.start()
    child.join(60)
    assert child.exitcode == 0


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("raise ValueError('boom')", r"ValueError: boom in line 1\. Mend that line"),
        ("\ndef (", r"SyntaxError: invalid syntax in line 2"),
        ("import sys; sys.exit(3)", r"SystemExit: 3 in line 1.*must not end the program"),
        ("import no_such_package", r"ModuleNotFoundError.*Install that package, and import it inside `fit`"),
        ("x = 1", "has no class MODEL"),
        ("MODEL = 3", "has no class MODEL"),
        ("class MODEL: pass", "has no card"),
        ("class MODEL: card = {'name': 'mine'}", "has no card"),
        (GOOD.replace("{name}", "yours"), "calls itself 'yours' and its file says 'mine'"),
        (GOOD.replace("{name}", "My Model"), "calls itself 'My Model', which is no model name"),
        (GOOD + "MODEL.fit = None", "has no method 'fit'"),
        (GOOD + "import dataclasses; MODEL.card = dataclasses.replace(MODEL.card, task_types=())", "no task types"),
        (GOOD + "MODEL.card = MODEL.card.__class__(**{**vars(MODEL.card), 'task_types': {'ranking'}})", "task types"),
    ],
)
def test_a_bad_plugin_is_told_what_and_how_to_mend(tmp_path: Path, text: str, message: str) -> None:
    path = write(tmp_path, text)
    for _ in range(2):  # the second try fails alike: nothing half-imported is left
        with pytest.raises(PluginError, match=message) as caught:
            load(path)
    assert str(path) in str(caught.value)


def test_a_path_to_nothing_a_folder_or_an_odd_name_is_refused(tmp_path: Path) -> None:
    (tmp_path / "folder.py").mkdir()
    for path in (tmp_path / "nothing.py", tmp_path / "folder.py"):
        with pytest.raises(PluginError, match="is not a file"):
            resolve_models([str(path)])
    with pytest.raises(PluginError, match=r"'my-model' cannot be one\. Rename the file"):
        resolve_models([str(write(tmp_path, name="my-model"))])


def test_the_name_of_an_installed_model_is_taken(tmp_path: Path) -> None:
    with pytest.raises(PluginError, match="'constant' is taken by the installed model"):
        resolve_models([str(write(tmp_path, name="constant"))])


def test_what_a_plugin_prints_at_import_stays_out_of_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    load(write(tmp_path, "for i in range(10_000): print(i)\n" + GOOD))
    assert capsys.readouterr().out == ""


def installed_package(folder: Path, monkeypatch: pytest.MonkeyPatch, model: str) -> None:
    """A distribution with one entry point, as pip would leave it."""
    write(folder, name=model)
    about = folder / "zoo-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: zoo\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(f"[tabbench.models]\n{model} = {model}:MODEL\n")
    monkeypatch.syspath_prepend(str(folder))


def test_another_package_brings_a_model_by_entry_point(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_package(tmp_path, monkeypatch, "from_a_zoo")
    assert metadata.distribution("zoo").version == "1.0"
    source = find_models()["from_a_zoo"]
    assert not source.is_by_path
    assert "from_a_zoo" not in sys.modules
    assert load_model(source).card.name == "from_a_zoo"


def test_two_installed_models_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    installed_package(tmp_path, monkeypatch, "constant")
    with pytest.raises(PluginError, match="Two installed models are called 'constant'"):
        find_models()


def card(**more: object) -> ModelCard:
    return ModelCard("mine", "Mine", Family.OTHER, frozenset({REGRESSION}), Reads(), **more)  # type: ignore[arg-type]


def test_a_missing_library_names_the_command_that_installs_it() -> None:
    assert missing_library(card(requires=("numpy", "sklearn.linear_model", "os.path"))) is None
    absent = card(requires=("numpy", "no_such_package"), extra="boosted_trees")
    assert missing_library(absent) == "no_such_package"
    with pytest.raises(MissingLibraryError, match=r"Model mine needs.*pip install 'tabbench\[boosted_trees\]'"):
        require_libraries(absent)
    with pytest.raises(MissingLibraryError, match=r"pip install no_such_package$"):
        require_libraries(card(requires=("no_such_package",)))


def test_source_hash_covers_the_files_a_model_is_made_with(tmp_path):
    from tabbench.discovery import source_hash

    (tmp_path / "a.py").write_text("from tabbench_models._net import Net\n")
    (tmp_path / "_net.py").write_text("from tabbench_models import _trainer\nimport tabbench_models._deep\n")
    (tmp_path / "_deep.py").write_text("x = 1\n")
    before = source_hash(tmp_path / "a.py")
    (tmp_path / "_deep.py").write_text("x = 2\n")
    assert source_hash(tmp_path / "a.py") != before
