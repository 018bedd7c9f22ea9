"""What a user sees of an error: one message, an exit code, no traceback."""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperGroup

FAILED, WRONG_USAGE, INTERRUPTED = 1, 2, 130
"""Exit codes: some pictures failed, the command was used wrongly, stopped by Ctrl-C."""

_EXTRAS = {
    "ray": "cluster",
    "torch": "train",
    "torchvision": "train",
    "matplotlib": "train",
    "onnx": "train",
    "onnxscript": "train",
    "h5py": "data",
    "pydicom": "dicom",
}


class Stopped(KeyboardInterrupt):
    """Ctrl-C, with a line that says what was finished before."""


class GuardedGroup(TyperGroup):
    """A command group in which every error ends as one message on stderr and an exit code."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        """Accept ``--debug`` anywhere on the line."""
        try:
            return super().parse_args(ctx, sorted(args, key=lambda argument: argument != "--debug"))
        except Exception as error:
            raise _shortened(error, ctx) from None

    def invoke(self, ctx: Any) -> Any:
        """Run the command; see the module's docstring."""
        try:
            return super().invoke(ctx)
        except KeyboardInterrupt as stop:
            typer.echo(str(stop) or "Stopped.", err=True)
            raise typer.Exit(INTERRUPTED) from None
        except Exception as error:
            if hasattr(error, "exit_code"):
                raise _shortened(error, ctx) from None
            if isinstance(error, typer.Abort) or ctx.params.get("debug"):
                raise
            typer.echo(f"Error: {describe(error)}", err=True)
            raise typer.Exit(exit_code(error)) from None


def _shortened(error: Exception, context: Any) -> Exception:
    """What to raise for an error of the command line: its message is printed as one line; help and exits pass unchanged."""
    message = error.format_message() if hasattr(error, "format_message") else ""
    if not message or "\n" in message:  # a command without arguments shows its help by an error
        return error
    command = (getattr(error, "ctx", None) or context).command_path
    typer.echo(f"Error: {message} See {command} --help.", err=True)
    return typer.Exit(WRONG_USAGE)


def exit_code(error: Exception) -> int:
    """2 where another command line would have helped, 1 for everything that a picture, a disk or a defect causes."""
    from karyokit.checks import NothingFound, PictureError

    if isinstance(error, PictureError | NothingFound):
        return FAILED
    return WRONG_USAGE if isinstance(error, ValueError | TypeError | FileNotFoundError) else FAILED


def describe(error: Exception) -> str:
    """The message for the user.

    >>> describe(ValueError("`mode` must be one of ['graph']."))
    "`mode` must be one of ['graph']."
    """
    if isinstance(error, ModuleNotFoundError):
        extra = _EXTRAS.get((error.name or "").partition(".")[0])
        return f"this needs {error.name}, which is not installed. Run: pip install 'karyokit[{extra or 'dev'}]'"
    if isinstance(error, MemoryError):
        return "not enough memory. Close other programs or make the picture smaller."
    if isinstance(error, ValueError | TypeError | OSError) and str(error):
        return str(error)
    return f"unexpected {type(error).__name__}: {error}. This is a defect: run again with --debug and report what it shows."
