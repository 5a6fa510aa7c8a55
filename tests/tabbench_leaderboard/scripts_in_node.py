"""Call functions of the site's scripts from Python, all in one run of Node."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import Any, NamedTuple

import pytest
from tabbench_leaderboard.folders import folder_of

NODE = shutil.which("node")
_PROGRAM = """
import { readFileSync } from "node:fs";
const found = [];
for (const [module, name, values] of JSON.parse(readFileSync(0, "utf-8"))) {
  const there = await import(module);
  found.push(there[name](...values));
}
console.log(JSON.stringify(found, (_, value) => ArrayBuffer.isView(value) ? Array.from(value) : value));
"""


class Call(NamedTuple):
    """A function of a script: `statistics/signed_rank.js`, its name, its arguments as JSON has them."""

    script: str
    function: str
    arguments: tuple[Any, ...]


def call_all(calls: list[Call]) -> list[Any]:
    """What each call returns; typed arrays come back as lists, NaN and infinity as None."""
    if NODE is None:
        pytest.skip("there is no node on the PATH")
    asked = [[(folder_of("scripts") / c.script).as_uri(), c.function, c.arguments] for c in calls]
    command = [NODE, "--input-type=module", "-e", _PROGRAM]
    done = subprocess.run(command, input=json.dumps(asked), capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 0, done.stderr
    answers: list[Any] = json.loads(done.stdout)
    return answers


def call(script: str, function: str, *arguments: Any) -> Any:
    """One call."""
    return call_all([Call(script, function, arguments)])[0]
