"""The command `relcare`: books and policies from a terminal. Needs the extra `cli`.

Nothing but this room reads the clock, the terminal or the arguments of the process.
"""

from relcare.cli._main import main

__all__ = ["main"]
