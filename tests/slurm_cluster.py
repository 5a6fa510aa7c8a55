"""A SLURM cluster of two nodes on this machine, for tests: started by hand on loopback, ended by its own process ids.

It needs root and Debian's packages slurm-wlm and munge; where they are absent the tests are skipped and say so.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import psutil

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "squeue")
CPUS = 2
"""Of each node; pretended, this machine may have fewer."""
NODES = ("n1", "n2")
CONF = """
ClusterName=tests
SlurmctldHost={host}(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
CryptoType=crypto/munge
AuthInfo=socket={root}/munge/socket,cred_expire=5
MpiDefault=none
SwitchType=switch/none
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SlurmctldPidFile={root}/slurmctld.pid
SlurmdPidFile={root}/slurmd-%n.pid
SlurmctldPort={port}
SlurmdSpoolDir={root}/spool-%n
StateSaveLocation={root}/state
SlurmctldLogFile={root}/slurmctld.log
SlurmdLogFile={root}/slurmd-%n.log
ReturnToService=2
SlurmctldTimeout=30
SlurmdTimeout=6
BatchStartTimeout=10
MessageTimeout=10
KillWait=2
MinJobAge=3600
InactiveLimit=0
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=2,bf_interval=2,batch_sched_delay=0,sched_min_interval=0
SelectType=select/cons_tres
SelectTypeParameters=CR_Core_Memory
GresTypes=gpu
MaxArraySize=1001
JobRequeue=1
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
{nodes}
PartitionName=main Nodes=ALL Default=YES MaxTime=60 State=UP DefMemPerCPU=500
"""


def why_not() -> str:
    """Why no cluster can be started here; empty if one can."""
    absent = [program for program in PROGRAMS if shutil.which(program) is None]
    if absent:
        return f"{absent[0]} is not installed: apt-get install slurm-wlm munge"
    return "" if os.getuid() == 0 else "SLURM's daemons are started as root"


class SlurmCluster:
    """Two nodes with two processors each, and their controller.

    Args:
        root: A folder of its own.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self.conf = root / "slurm.conf"
        root.mkdir(parents=True, exist_ok=True)
        root.chmod(0o755)  # munged wants to walk through every folder above its socket
        (root / "munge").mkdir(mode=0o711)
        (root / "state").mkdir()
        key = root / "munge" / "key"
        key.write_bytes(os.urandom(1024))
        key.chmod(0o600)
        ports = _free_ports(1 + len(NODES))
        host = socket.gethostname().partition(".")[0]
        nodes = "\n".join(
            f"NodeName={node} NodeHostname={host} NodeAddr=127.0.0.1 Port={port} CPUs={CPUS} CoresPerSocket={CPUS} "
            "RealMemory=8000 Gres=gpu:1 State=UNKNOWN"
            for node, port in zip(NODES, ports[1:], strict=True)
        )
        self.conf.write_text(CONF.format(root=root, host=host, port=ports[0], nodes=nodes))
        (root / "gres.conf").write_text("".join(f"NodeName={node} Name=gpu File=/dev/null\n" for node in NODES))

    @property
    def environment(self) -> dict[str, str]:
        """What SLURM's commands need to find it."""
        return {**os.environ, "SLURM_CONF": str(self.conf)}

    def start(self) -> None:
        """Start everything, and wait until both nodes are idle."""
        munge = self.root / "munge"
        files = {
            "key-file": "key",
            "socket": "socket",
            "pid-file": "munged.pid",
            "log-file": "log",
            "seed-file": "seed",
        }
        self._run("munged", "--force", *(f"--{option}={munge / name}" for option, name in files.items()))
        self._run("slurmctld", "-f", str(self.conf))
        for node in NODES:
            self.start_node(node)
        self.wait_until_idle()

    def start_node(self, node: str) -> None:
        """Start a node's daemon."""
        (self.root / f"spool-{node}").mkdir(exist_ok=True)
        self._run("slurmd", "-N", node, "-f", str(self.conf))

    def wait_until_idle(self, seconds: float = 60.0) -> None:
        """Wait until no node has work or is down."""
        end = time.monotonic() + seconds
        while (states := self.ask("sinfo", "-h", "-N", "-o", "%t").split()) != ["idle"] * len(NODES):
            assert time.monotonic() < end, f"the nodes are {states}: {self.ask('sinfo', '-R')}"
            time.sleep(0.2)

    def ask(self, *command: str) -> str:
        """What one of SLURM's commands prints."""
        return self._run(*command).stdout

    def kill_node(self, node: str) -> None:
        """Lose a node: its daemon, the shepherds of its jobs and all their processes are killed."""
        stepds = [p for p in _shepherds() if any(f.path == f"{self.root}/slurmd-{node}.log" for f in p.open_files())]
        os.kill(int((self.root / f"slurmd-{node}.pid").read_text()), signal.SIGKILL)
        processes = [child for stepd in stepds for child in stepd.children(recursive=True)]
        for process in [*stepds, *processes]:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()

    def requeue_leaving_an_orphan(self, element: str) -> None:
        """Have an element run again while its processes go on, as happens when a node is out of reach for a while."""
        job = self.ask("squeue", "-h", "-j", element, "-o", "%A").strip()
        next(p for p in _shepherds() if f"[{job}.batch]" in p.cmdline()).kill()
        self.ask("scontrol", "requeue", element)

    def stop(self) -> None:
        """End all jobs, then everything, by the process ids of its own files."""
        self._run("scancel", "--user=root", check=False)
        end = time.monotonic() + 20
        while self._run("squeue", "-h", check=False).stdout.strip() and time.monotonic() < end:
            time.sleep(0.2)
        files = [*(self.root / f"slurmd-{node}.pid" for node in NODES), self.root / "slurmctld.pid",
                 self.root / "munge" / "munged.pid"]  # fmt: skip
        for file in files:
            if file.is_file():
                _end(int(file.read_text()))

    def _run(self, *command: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, timeout=60, check=False,
            stdin=subprocess.DEVNULL,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{' '.join(command)}: {done.stderr}"
        return done


def _shepherds() -> list[psutil.Process]:
    return [process for process in psutil.process_iter(["name"]) if process.info["name"] == "slurmstepd"]


def _free_ports(n: int) -> list[int]:
    sockets = [socket.socket() for _ in range(n)]
    try:
        for s in sockets:
            s.bind(("127.0.0.1", 0))
        return [s.getsockname()[1] for s in sockets]
    finally:
        for s in sockets:
            s.close()


def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.terminate()
        process.wait(5)
    except psutil.NoSuchProcess:
        return
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(5)
