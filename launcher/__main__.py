"""The one command: `./linli COMMAND …` runs the module of that name."""

from __future__ import annotations

import argparse
import importlib
import os
import sys

from launcher.problems import Stopped

# Each module has `arguments(parser)`, which declares its options, and `run(options)`, which gives the exit code.
COMMANDS = {
    "up": ("launcher.commands.up", "set up and start everything"),
    "down": ("launcher.commands.down", "stop what up started"),
    "status": ("launcher.commands.status", "one line for each part; exit code 0 when all are healthy"),
    "logs": ("launcher.commands.logs", "the logs of all parts or of one"),
    "test": ("launcher.commands.test", "check and test everything"),
    "load-demo": ("launcher.commands.load_demo", "load the demo cities into an installation"),
    "demo": ("launcher.commands.demo", "walk one case through the closed loop"),
    "bench": ("launcher.commands.bench", "measure the speed"),
    "rows": ("launcher.commands.coverage", "each row of the domain with its tests"),
    "parked": ("launcher.commands.parked", "messages that could not be handled: list, replay, drop"),
    "resync": ("launcher.commands.resync", "bring a service's copies up to date"),
    "audit": ("launcher.commands.audit", "verify the audit log"),
    "import-cases": ("launcher.imports.cases", "import cases from a CSV file"),
    "import-divisions": ("launcher.imports.divisions", "import divisions from a CSV file"),
    "lock": ("launcher.commands.lock", "resolve the dependencies anew into requirements/"),
    "secrets": ("launcher.commands.secrets", "make the secrets of an installation in containers"),
    "rotate-keys": ("launcher.commands.rotate_keys", "new root keys for the services"),
    "broker-definitions": ("launcher.commands.broker_definitions", "print the definitions for a broker of your own"),
}


def main(words: list[str]) -> int:
    if not words or words[0] not in COMMANDS:
        print("usage: ./linli COMMAND [options]\n")
        print("\n".join(f"  {name:20}{purpose}" for name, (_, purpose) in COMMANDS.items()))
        return 0 if words in ([], ["--help"], ["-h"]) else 2
    target, purpose = COMMANDS[words[0]]
    command = importlib.import_module(target)
    parser = argparse.ArgumentParser(prog=f"./linli {words[0]}", description=purpose)
    command.arguments(parser)
    try:
        code = int(command.run(parser.parse_args(words[1:])))
        sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has seen enough of it, as `| head` does.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Stopped as stopped:
        print(stopped, file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
