"""A small OpenML server on loopback: the part of its REST protocol that the `openml` package speaks, and faults.

It answers in XML as the true server does, sends ARFF and Parquet (as a MinIO store) for download, and lists datasets
by number, name and status. `fail` makes it misbehave on chosen paths.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import threading
import urllib.parse
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import arff
import xmltodict

if TYPE_CHECKING:
    from pathlib import Path

    import pandas as pd

API = "/api/v1/xml/"
XMLNS = {"@xmlns:oml": "http://openml.org/openml"}
CLASSIFICATION, REGRESSION, LEARNING_CURVE, STREAM, CLUSTERING = 1, 2, 3, 4, 5
HTML = b"<!DOCTYPE html>\n<html><body>We are down for maintenance &amp; sorry.</body></html>"


@dataclass
class Fault:
    """What happens on a path: a status, a web page, silence, half an answer, or another answer; `times` or always."""

    path: str
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | None = None
    stalls: bool = False
    is_cut: bool = False
    times: int = -1


@dataclass
class Served:
    """A dataset as the server has it; `description` overrides or adds fields."""

    id: int
    name: str
    arff: bytes
    features: Sequence[Mapping[str, Any]]
    n_rows: int
    target: str = ""
    version: int = 1
    status: str = "active"
    parquet: bytes | None = None
    description: Mapping[str, Any] = field(default_factory=dict)


def served_frame(number: int, name: str, frame: pd.DataFrame, target: str = "", **more: Any) -> Served:
    """A table of ours: categories are nominal, objects strings, the rest numeric. ARFF is written by liac-arff."""
    features, attributes = [], []
    for index, column in enumerate(frame):
        levels = list(frame[column].cat.categories) if frame[column].dtype == "category" else []
        is_text = frame[column].dtype == object
        attributes.append((column, levels or ("STRING" if is_text else "REAL")))
        kind = "nominal" if levels else "string" if is_text else "numeric"
        n_missing = int(frame[column].isna().sum())
        features.append({"index": index, "name": column, "data_type": kind, "number_of_missing_values": n_missing})
        features[-1].update({"nominal_value": levels} if levels else {})
    rows = frame.astype(object).where(frame.notna(), None).to_numpy().tolist()
    text = arff.dumps({"relation": "t", "attributes": attributes, "data": rows, "description": ""})
    return Served(number, name, text.encode(), features, len(frame), target, **more)


def oml(tag: str, value: Mapping[str, Any]) -> bytes:
    """An XML answer; lists are elements that repeat."""
    return xmltodict.unparse({f"oml:{tag}": {**XMLNS, **_prefixed(value)}}).encode()


def _prefixed(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k if k[0] in "@#" else f"oml:{k}": _prefixed(v) for k, v in value.items()}
    return [_prefixed(one) for one in value] if isinstance(value, list) else value


def error(code: int, message: str) -> tuple[int, bytes]:
    """An error in the words of the protocol; its status is 412 whatever the matter."""
    return 412, oml("error", {"code": code, "message": message})


class OpenmlServer:
    """What is served, and what goes wrong."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.datasets: dict[int, Served] = {}
        self.faults: list[Fault] = []
        self.asked: list[str] = []
        self.content_types: dict[str, str] = {}
        self.is_over = threading.Event()
        self.host = ""

    @property
    def api(self) -> str:
        """What the openml package is to be pointed at."""
        return f"http://{self.host}{API.rstrip('/')}"

    def add(self, served: Served) -> None:
        """Serve a dataset."""
        self.datasets[served.id] = served
        arff_path = f"/data/v1/download/{served.id}/{served.id}.arff"
        facts: dict[str, Any] = {
            "id": served.id,
            "name": served.name,
            "version": served.version,
            "description": "**Author**: nobody\n\nA table for tests.",
            "format": "ARFF",
            "upload_date": "2014-04-06T23:19:24",
            "licence": "Public",
            "url": f"http://{self.host}{arff_path}",
            "default_target_attribute": served.target,
            "status": served.status,
            "md5_checksum": hashlib.md5(served.arff).hexdigest(),
        }
        self.files[arff_path] = served.arff
        if served.parquet is not None:
            self.files[f"/datasets/{served.id}.pq"] = served.parquet
            facts["parquet_url"] = f"http://{self.host}/datasets/{served.id}.pq"
        facts = {key: value for key, value in {**facts, **served.description}.items() if value not in (None, "")}
        self.files[f"{API}data/{served.id}"] = oml("data_set_description", facts)
        self.files[f"{API}data/features/{served.id}"] = oml("data_features", {"feature": list(served.features)})

    def add_task(
        self, number: int, dataset: int, target: str, splits: Sequence[tuple[str, int, int, int]], kind: int = 1
    ) -> None:
        """Serve a task; splits are rows of TRAIN or TEST, row, repeat and fold."""
        path = f"/api_splits/get/{number}/Task_{number}_splits.arff"
        head = "@relation splits\n@attribute type {TRAIN,TEST}\n" + "".join(
            f"@attribute {name} numeric\n" for name in ("rowid", "repeat", "fold")
        )
        self.files[path] = (head + "@data\n" + "".join(",".join(map(str, row)) + "\n" for row in splits)).encode()
        procedure = {
            "id": 1,
            "type": "crossvalidation",
            "data_splits_url": f"http://{self.host}{path}",
            "parameter": [{"@name": "number_repeats", "#text": "1"}, {"@name": "number_folds", "#text": "2"}],
        }
        source = {"data_set_id": dataset, "target_feature": target}
        facts = {
            "task_id": number,
            "task_type_id": kind,
            "task_type": {1: "Supervised Classification", 2: "Supervised Regression"}.get(kind, f"Type {kind}"),
            "input": [
                {"@name": "source_data", "data_set": source},
                {"@name": "estimation_procedure", "estimation_procedure": procedure},
            ],
        }
        self.files[f"{API}task/{number}"] = oml("task", facts)

    def add_study(self, number: int, alias: str, tasks: Sequence[int], kind: str = "task") -> None:
        """Serve a study of tasks under its number and its alias."""
        facts = {
            "id": number,
            "alias": alias,
            "main_entity_type": kind,
            "name": f"The {alias} suite",
            "description": "A suite for tests.",
            "status": "active",
            "creation_date": "2019-02-21T18:47:13",
            "creator": 1,
            **({"tasks": {"task_id": list(tasks)}} if tasks else {}),
        }
        self.files[f"{API}study/{number}"] = self.files[f"{API}study/{alias}"] = oml("study", facts)

    def fail(self, path: str, **how: Any) -> None:
        """Misbehave on the paths that hold `path` from now on; see `Fault`."""
        self.faults.append(Fault(path, **how))

    def fault_on(self, path: str) -> Fault | None:
        """The fault that is due on a path."""
        for fault in self.faults:
            if fault.path in path and fault.times:
                fault.times -= 1
                return fault
        return None

    def answer(self, path: str) -> tuple[int, bytes]:
        """Status and body."""
        if path in self.files:
            return 200, self.files[path]
        if path.startswith(API + "data/list/"):
            return self._list(path.removeprefix(API + "data/list/"))
        if path.startswith(API):
            word = path.removeprefix(API).split("/")[0]
            return error({"data": 111, "task": 151, "study": 601}.get(word, 100), f"Unknown {word}")
        return (
            404,
            b"<?xml version='1.0'?><Error><Code>NoSuchKey</Code><Message>Object does not exist</Message></Error>",
        )

    def _list(self, filters: str) -> tuple[int, bytes]:
        parts = [urllib.parse.unquote(part) for part in filters.split("/")]
        asked = dict(zip(parts[::2], parts[1::2], strict=True))
        ids = {int(number) for number in asked["data_id"].split(",")} if "data_id" in asked else set(self.datasets)
        found = [
            {
                "did": one.id,
                "name": one.name,
                "version": one.version,
                "status": one.status,
                "format": "ARFF",
                "quality": [
                    {"@name": "NumberOfInstances", "#text": f"{one.n_rows}.0"},
                    {"@name": "NumberOfFeatures", "#text": f"{len(one.features)}.0"},
                ],
            }
            for one in self.datasets.values()
            if one.id in ids
            and asked.get("data_name", one.name) == one.name
            and asked.get("status", "active") in ("all", one.status)
        ]
        return (200, oml("data", {"dataset": found})) if found else error(372, "No results")

    def add_recorded_json(self, folder: Path) -> Mapping[str, float]:
        """Serve a dataset from recorded JSON answers in a folder of scikit-learn's test data.

        Returns:
            Its qualities, as the true server counted them.
        """

        def recorded(kind: str) -> Any:
            file = folder / f"api-v1-{kind}-{folder.name.removeprefix('id_')}.json.gz"
            return json.loads(gzip.decompress(file.read_bytes()))

        facts = recorded("jd")["data_set_description"]
        features = recorded("jdf")["data_features"]["feature"]
        [file] = folder.glob("data-v1-dl-*.arff.gz")
        content = gzip.decompress(file.read_bytes())
        declared = dict(arff.loads(content.decode())["attributes"])
        for feature in features:
            levels = feature.pop("nominal_values", None) or feature.pop("nominal_value", None)
            levels = json.loads(levels) if isinstance(levels, str) else levels
            if feature["data_type"] == "nominal":  # one answer was recorded without them, and the package needs them
                feature["nominal_value"] = levels or declared[feature["name"]]
        qualities = {one["name"]: float(one["value"] or "nan") for one in recorded("jdq")["data_qualities"]["quality"]}
        served = Served(int(facts["id"]), facts["name"], content, features, 0)
        served.n_rows, served.version = int(qualities["NumberOfInstances"]), int(facts["version"])
        served.description = {key: value for key, value in facts.items() if key not in ("url", "parquet_url")}
        self.add(served)
        return qualities

    def add_recorded_xml(self, folder: Path, n_rows: int) -> None:
        """Serve a dataset from what the openml package keeps of it: recorded XML as it came, but for the address."""
        number = int(folder.name)
        path = f"/data/download/{number}"
        text = (folder / "description.xml").read_text(encoding="utf-8")
        text = re.sub("(<oml:url>).*?(</oml:url>)", rf"\1http://{self.host}{path}\2", text)
        self.files[f"{API}data/{number}"] = text.encode()
        self.files[f"{API}data/features/{number}"] = (folder / "features.xml").read_bytes()
        self.files[path] = (folder / "dataset.arff").read_bytes()
        self.datasets[number] = Served(number, folder.name, b"", [], n_rows)

    def add_recorded_task(self, folder: Path) -> None:
        """Serve a task from what the openml package keeps of it."""
        path = f"/api_splits/get/{folder.name}/splits.arff"
        text = (folder / "task.xml").read_text(encoding="utf-8")
        text = re.sub("(<oml:data_splits_url>).*?(<)", rf"\1http://{self.host}{path}\2", text)
        self.files[f"{API}task/{folder.name}"] = text.encode()
        self.files[path] = (folder / "datasplits.arff").read_bytes()


class _Handler(BaseHTTPRequestHandler):
    openml: OpenmlServer

    def do_HEAD(self) -> None:
        self._answer(has_body=False)

    def do_GET(self) -> None:
        self._answer(has_body=True)

    def _answer(self, has_body: bool) -> None:
        path = urllib.parse.unquote(self.path.partition("?")[0])
        self.openml.asked.append(self.path)
        fault = self.openml.fault_on(path)
        status, body = self.openml.answer(path)
        headers = {"Content-Type": self.openml.content_types.get(path, "text/xml;charset=utf-8")}
        headers |= {"ETag": '"e"', "Last-Modified": "Sun, 06 Apr 2014 23:19:24 GMT"}
        if fault:
            if fault.stalls:
                self.openml.is_over.wait(20)
                return
            status, body = (fault.status, HTML) if fault.status != 200 else (status, body)
            body = body if fault.body is None else fault.body
            headers |= fault.headers
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if has_body:
            self.wfile.write(body[: len(body) // 2] if fault and fault.is_cut else body)

    def log_message(self, *words: Any) -> None:
        """Say nothing."""


class _Http(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False

    def handle_error(self, *about: Any) -> None:
        """A client that has given up is no error."""


@contextmanager
def openml_server() -> Iterator[OpenmlServer]:
    """A server that runs until the block ends."""
    openml = OpenmlServer()
    http = _Http(("127.0.0.1", 0), type("Handler", (_Handler,), {"openml": openml}))
    openml.host = f"127.0.0.1:{http.server_address[1]}"
    thread = threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield openml
    finally:
        openml.is_over.set()
        http.shutdown()
        http.server_close()
        thread.join()
