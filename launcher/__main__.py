"""Command-line entry point: `./linli COMMAND …` runs the module that `COMMANDS` gives for it."""

from __future__ import annotations

import argparse
import difflib
import importlib
import os
import sys
from collections.abc import Iterable

from chassis.process.version import VERSION
from launcher.problems import Stopped

# Each module has `arguments(parser)`, which declares its options, and `run(options)`, which returns the exit code.
COMMANDS = {
    "up": ("launcher.commands.up", "set up and start everything"),
    "down": ("launcher.commands.down", "stop everything that up started"),
    "status": ("launcher.commands.status", "show one line per part; exit code 0 if all are healthy"),
    "logs": ("launcher.commands.logs", "show the logs of all parts or of one"),
    "test": ("launcher.commands.test", "run all checks and tests"),
    "load-demo": ("launcher.commands.load_demo", "load the demo cities into an installation"),
    "demo": ("launcher.commands.demo", "take one case through the closed loop"),
    "bench": ("launcher.commands.bench", "run the benchmarks"),
    "rows": ("launcher.commands.rows", "list the rows of the domain with their tests"),
    "parked": ("launcher.commands.parked", "list, replay or drop messages that could not be handled"),
    "resync": ("launcher.commands.resync", "bring a service's replicas up to date"),
    "audit": ("launcher.commands.audit", "verify the audit logs"),
    "import-cases": ("launcher.imports.cases", "import cases from a CSV file"),
    "import-divisions": ("launcher.imports.divisions", "import divisions from a CSV file"),
    "tenant": ("launcher.commands.tenant", "open a city from a YAML file"),
    "settings": ("launcher.commands.settings", "show or change the settings of a city"),
    "lock": ("launcher.commands.lock", "re-resolve the dependencies in requirements/"),
    "generate": ("launcher.commands.generate", "write the files that are made from services.toml and the events"),
    "images": ("launcher.commands.images", "build the images of all parts, and load or push them"),
    "secrets": ("launcher.commands.secrets", "create the secrets for containers and Kubernetes"),
    "rotate-keys": ("launcher.commands.rotate_keys", "replace the root keys of one or all services"),
    "broker-definitions": ("launcher.commands.broker_definitions", "print the definitions for your own broker"),
}

# They only need an installation somewhere. The image `operator` has what they import, and nothing for the others.
FOR_OPERATORS = (
    *("load-demo", "demo", "parked", "resync", "audit", "import-cases", "import-divisions", "tenant", "settings"),
    "broker-definitions",
)


def _offered() -> dict[str, tuple[str, str]]:
    if os.environ.get("LINLI_PART") != "operator":
        return COMMANDS
    return {name: command for name, command in COMMANDS.items() if name in FOR_OPERATORS}


def _unknown(word: str, offered: Iterable[str]) -> str:
    if word in COMMANDS:
        return f"{word!r} runs only in a checkout of Linli; linli lists what runs here."
    close = difflib.get_close_matches(word, offered, n=1)
    return f"There is no command {word!r}; ./linli lists them." + (f" Did you mean {close[0]}?" if close else "")


def main(words: list[str]) -> int:
    offered = _offered()
    try:
        if not words or words[0] in ("--help", "-h"):
            print("usage: ./linli COMMAND [options], or ./linli --version\n")
            print("\n".join(f"  {name:20}{purpose}" for name, (_, purpose) in offered.items()))
            return 0
        if words[0] == "--version":
            print(f"Linli {VERSION}")
            return 0
        if words[0] not in offered:
            print(_unknown(words[0], offered), file=sys.stderr)
            return 2
        target, purpose = offered[words[0]]
        command = importlib.import_module(target)
        # No abbreviations: `down --purg` must not delete the data.
        parser = argparse.ArgumentParser(prog=f"./linli {words[0]}", description=purpose, allow_abbrev=False)
        command.arguments(parser)
        code = int(command.run(parser.parse_args(words[1:])))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # The reader closed the pipe early, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except OSError as error:
        if error.filename is None:
            raise
        print(f"{error.filename}: {error.strerror}. Check the path, and that you may use it.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nInterrupted; run the command again to go on.", file=sys.stderr)
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
