"""The entry point, which says what to install where the extra is missing."""

import sys
from collections.abc import Sequence

from relcare.errors import MissingExtraError

__all__ = ["main"]

_TOOLS = frozenset({"click", "rich"})


def main(args: Sequence[str] | None = None) -> None:
    """Run the command and end the process: 0 fine, 1 findings, 2 wrong use or bad input.

    Args:
        args: The arguments behind the name of the command; those of the process by default.

    Raises:
        SystemExit: Always, with the exit status.
    """
    for stream in (sys.stdout, sys.stderr):
        # A name that the terminal cannot show must not end the command; JSON is written in ASCII there.
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")
    try:
        from relcare.cli._app import app

        app(None if args is None else list(args), prog_name="relcare")
    except MissingExtraError as fault:
        sys.stderr.write(f"{fault}\n")
        sys.exit(2)
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] not in _TOOLS:
            raise
        sys.stderr.write(f"{MissingExtraError('the command relcare', 'cli')}\n")
        sys.exit(2)
    except OSError as fault:
        # Every file of the user's has an error of ours; what is left is the stream that the answer goes to, such as a full disk.
        sys.stderr.write(f"relcare: the output cannot be written: {fault.strerror or fault}\n")
        sys.exit(2)
