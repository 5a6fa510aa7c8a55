"""Files that are no bundles, or bundles that mean harm: refused before anything of them is used."""

from __future__ import annotations

import io
import json
import pickle
import stat
import zipfile

import pytest

from tabbench.cli import main as tabbench
from tabbench.submission.archive import open_bundle
from tabbench.submission.bundle import BundleError
from tabbench.submission.verification import verify_bundle


def add(members, name, data=b"x", **info):
    """A copy of the bundle with one more member, by the zip library itself."""
    out = io.BytesIO(members.zipped())
    with zipfile.ZipFile(out, "a") as archive:
        member = zipfile.ZipInfo(name)
        for key, value in info.items():
            setattr(member, key, value)
        archive.writestr(member, data)
    return out.getvalue()


def refused(tmp_path, data, match):
    path = tmp_path / "around" / "here" / "evil.zip"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(BundleError, match=match):
        verify_bundle(path)
    assert sorted(tmp_path.rglob("*")) == before


@pytest.mark.parametrize(
    "name",
    [
        "../evil.py", "/etc/cron.d/evil", "source/../../evil.py", "source/prior/../../../x.py", "C:\\evil.py",
        "trials/..%2f.jsonl", "source/prior/x.pth", "trials/0123456789abcdef.jsonl/",
        "documents/<img onerror=x>.jsonl", "bundle.json ", "predictions/0123456789abcdef.pkl",
    ],
)  # fmt: skip
def test_names_that_no_bundle_has_are_refused(name, members, tmp_path):
    refused(tmp_path, add(members, name), "no part of a bundle")


def test_links_are_refused(members, tmp_path):
    mode = (stat.S_IFLNK | 0o777) << 16
    data = add(members, "source/prior/_link.py", b"/etc/passwd", external_attr=mode, create_system=3)
    refused(tmp_path, data, "a link or device")


def test_a_zip_bomb_is_refused_unread(members, tmp_path):
    members["documents/models.jsonl"] = b"\0" * (1 << 26)
    refused(tmp_path, members.zipped(), "claims to hold")


def test_a_member_that_claims_to_be_small_and_is_not_is_refused(members, tmp_path):
    members["documents/models.jsonl"] = b" " * 100_000 + b"\n"
    data = bytearray(members.zipped())
    size = (100_001).to_bytes(4, "little")
    assert data.count(size) == 2
    refused(tmp_path, bytes(data).replace(size, (50).to_bytes(4, "little")), "cannot be read|too long")


def test_a_file_that_stands_twice_is_refused(members, tmp_path):
    with pytest.warns(UserWarning, match="Duplicate name"):
        data = add(members, "bundle.json", b"{}")
    refused(tmp_path, data, "stands twice")


def test_bytes_that_changed_on_the_way_are_refused(bundle, tmp_path):
    data = bytearray(bundle.read_bytes())
    at = data.index(b"predictions/") + 60
    data[at] ^= 0xFF
    refused(tmp_path, bytes(data), "cannot be read")


@pytest.mark.parametrize("data", [b"", b"no zip", b"PK\x03\x04" + b"\0" * 40])
def test_what_is_no_zip_file_is_refused(data, tmp_path):
    refused(tmp_path, data, "cannot be read as a bundle")


def test_a_missing_file_and_a_folder_are_refused(tmp_path, capsys):
    for path in (tmp_path / "absent.zip", tmp_path):
        assert tabbench.main(["submit", "verify", str(path)]) == 2
        assert str(path) in capsys.readouterr().err


def test_a_zip_file_of_something_else_is_refused(tmp_path):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("bundle.jsn", "{}")
    refused(tmp_path, out.getvalue(), "no part of a bundle")
    with zipfile.ZipFile(out := io.BytesIO(), "w") as archive:
        archive.writestr("source/x/x.py", "x")
    refused(tmp_path, out.getvalue(), "no bundle of tabbench")


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"format": 99}, "has format 99"),
        ({"schema_version": 99}, "schema 99"),
        ({"schema_version": "2"}, "wanted int"),
        ({"jobs": ["../../x"]}, "must name jobs"),
        ({"jobs": []}, "must name jobs"),
        ({"models": []}, "must name jobs"),
        ({"extra": 1}, "has no extra"),
        ({"jobs": {"a": 1}}, "wanted list"),
        ({"models": [{"name": "<img src=x>", "version": 1, "source_hash": "a", "files": ["x.py"]}]}, "must name jobs"),
    ],
)
def test_contents_of_another_kind_are_refused(change, match, members, tmp_path):
    members["bundle.json"] = json.dumps(json.loads(members["bundle.json"]) | change).encode()
    refused(tmp_path, members.zipped(), match)


def test_contents_nested_without_end_are_refused(members, tmp_path):
    members["bundle.json"] = b"[" * 200_000
    refused(tmp_path, members.zipped(), "not what tabbench writes")


def test_a_missing_member_is_told(members, tmp_path):
    del members["documents/protocols.jsonl"]
    refused(tmp_path, members.zipped(), r"documents/protocols.jsonl is absent")


@pytest.mark.parametrize(
    ("line", "match"),
    [
        (b"\n", "no JSON"),
        (b"[" * 100_000 + b"\n", "no JSON"),
        (b"[]\n", "is a list"),
        (b'{"trial": {}, "fits": [], "parts": []}\n', "TrialRow lacks"),
        (b'{"trial": {}}\n', "has the keys"),
        (b"9" * 5000 + b"\n", "no JSON"),
        (b"{}", "has no end"),
        (b"x" * (1 << 24) + b"y" * 10 + b"\n", "too long"),
    ],
)
def test_lines_that_are_no_rows_are_refused(line, match, members, tmp_path):
    members[f"trials/{members.jobs[0]}.jsonl"] = line
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    refused(tmp_path, path.read_bytes(), match)


@pytest.mark.parametrize(
    ("column", "value", "match"),
    [
        ("trial", "0", "not a int"),
        ("trial", True, "not a int"),
        ("trial", 2**70, "beyond 64 bits"),
        ("trial", None, "trial is missing"),
        ("test_error", "0.1", "not a float"),
        ("model", ["prior"], "not a str"),
        ("model", "x" * (1 << 21), "characters"),
        ("status", "superb", "superb"),
        ("started_at", "yesterday", "not a time"),
        ("started_at", "2026-01-01T00:00:00", "not a time with its zone"),
        ("has_refit", 1, "not a bool"),
        ("surprise", 1, "has no 'surprise'"),
    ],
)
def test_values_of_another_type_are_refused(column, value, match, members, tmp_path):
    name = f"trials/{members.jobs[0]}.jsonl"
    lines = members.lines(name)
    lines[0]["trial"][column] = value
    members.put(name, lines)
    refused(tmp_path, members.zipped(), match)


class Bomb:
    def __reduce__(self):
        return (pytest.fail, ("a pickle was loaded",))


def test_a_pickle_in_place_of_predictions_is_only_numbers(members, tmp_path):
    name = f"predictions/{members.jobs[0]}.f32"
    members[name] = pickle.dumps(Bomb()).ljust(len(members[name]), b"\0")[: len(members[name])]
    path = tmp_path / "evil.zip"
    path.write_bytes(members.zipped())
    assert verify_bundle(path).report.verdict == "refused"


def test_a_line_of_a_bundle_names_where_it_stands(members, tmp_path):
    name = f"trials/{members.jobs[0]}.jsonl"
    members[name] += b"{}\n"
    refused(tmp_path, members.zipped(), rf"{name}, line 3")


def test_an_open_bundle_gives_its_source_as_bytes(bundle, plugin):
    with open_bundle(bundle) as opened:
        model = next(m for m in opened.contents.models if m.name == "prior")
        assert opened.source(model) == {"prior.py": plugin.read_bytes()}
