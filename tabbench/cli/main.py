"""`tabbench VERB …`: find the verb, load its module and nothing else."""

import errno
import importlib
import os
import sys
from collections.abc import Sequence
from types import ModuleType

from tabbench import __version__
from tabbench.errors import TabbenchError, UnknownNameError

VERBS = {
    "run": "tune and score models on tasks, and store every trial",
    "status": "what is in a store, and what failed",
    "cancel": "end what is queued or running on a cluster",
    "models": "list, show, new, check: the models and the tools of their authors",
    "data": "list, show, check, add, fetch, pack, unpack: the tasks and suites",
    "rank": "print the leaderboard",
    "compare": "whether one of two models is better, tested, in words",
    "analyze": "what the results say: families, tasks, recommendations",
    "metafeatures": "compute what tasks are like, and store it",
    "recommend": "which models are worth trying on a table of your own",
    "time": "fit chosen configurations again, alone, for times to publish",
    "score": "score stored predictions by a new metric",
    "trial": "show: everything about one stored trial",
    "submit": "export, verify: results as one file, and checking that of somebody else",
    "site": "build the leaderboard as a folder of static pages",
    "store": "compact, merge, check: look after results folders",
    "sql": "ask the result database",
}
"""Every verb is `tabbench/cli/VERB.py` with a function `main(arguments) -> exit code`."""

READING = frozenset({"status", "rank", "compare", "analyze", "recommend", "trial"})
"""Verbs that only read and print: Ctrl-C ends them at once."""

EXIT_DONE, EXIT_FAILED, EXIT_USAGE, EXIT_INTERRUPTED = 0, 1, 2, 130


def usage() -> str:
    """The text of `tabbench --help`."""
    verbs = "\n".join(f"  {verb:<12} {purpose}" for verb, purpose in VERBS.items())
    return (
        "Benchmark machine learning on tables: run, store, rank and publish.\n\n"
        f"usage: tabbench VERB …\n\n{verbs}\n\n"
        "`tabbench VERB --help` tells more. Start with: tabbench run suite=quickstart 'models=[linear,lightgbm]'\n"
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one verb.

    Returns:
        0 done, 1 something failed and is recorded, 2 the input was wrong or the output cannot be written, 130 stopped
        by Ctrl-C.
    """
    arguments = list(sys.argv[1:] if arguments is None else arguments)
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        sys.stdout.write(usage())
        return EXIT_DONE
    if arguments[0] in ("-V", "--version"):
        sys.stdout.write(f"tabbench {__version__}\n")
        return EXIT_DONE
    try:
        if arguments[0] not in VERBS:
            raise UnknownNameError("verb", arguments[0], VERBS, where="command line")
        verb = importlib.import_module(f"tabbench.cli.{arguments[0]}")
        if arguments[0] not in READING:
            return _run(verb, arguments[1:])
        from tabbench.cli.interrupting import leave, on_interrupt

        with on_interrupt(leave):
            return _run(verb, arguments[1:])
    except TabbenchError as error:
        sys.stderr.write(f"{error}\n")
        return EXIT_USAGE
    except KeyboardInterrupt:
        sys.stderr.write("Stopped.\n")
        return EXIT_INTERRUPTED
    except SystemExit as leaving:  # argparse leaves with 0 or 2; rich with 1 when the reader of a pipe has left
        if leaving.code != EXIT_FAILED:
            raise
        return EXIT_DONE
    except OSError as error:
        return _without_output(error)


def _run(verb: ModuleType, arguments: list[str]) -> int:
    code = int(verb.main(arguments))
    sys.stdout.flush()  # what cannot be written is told here, not when Python ends
    return code


def _without_output(error: OSError) -> int:
    """End well where nobody reads on, and with a line where no space is left; any other error is raised again."""
    if isinstance(error, BrokenPipeError):  # `tabbench … | head`
        sys.stderr.close()
        return EXIT_DONE
    if error.errno != errno.ENOSPC or error.filename is not None:  # files of ours say themselves what was lost
        raise error
    sys.stderr.write("The output cannot be written: no space is left where it goes.\n")
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes once more when it ends
    return EXIT_USAGE


if __name__ == "__main__":
    sys.exit(main())
