"""A policy together with the text it was read from."""

from collections.abc import Mapping
from functools import cached_property

import attrs

from relcare.codec._places import Places, path_text
from relcare.decisions import Policy

__all__ = ["PolicyDocument"]


@attrs.frozen(kw_only=True, eq=False)
class PolicyDocument:
    """A policy, and where each of its rules stands.

    Attributes:
        policy: The policy.
        file: The document, as the caller named it.
        places: Where each path stands in it.
    """

    policy: Policy
    file: str
    places: Places

    @cached_property
    def _lines(self) -> Mapping[str, int]:
        return {path_text(path): self.places[path].value_line for path in self.places}

    def line_of(self, path: str) -> int:
        """The line where a rule begins, from 1; for a path that does not stand there, that of the nearest one around it.

        Args:
            path: As findings and failures name it: `segmentation[0].tiers[1].when`.
        """
        while path:
            if path in self._lines:
                return self._lines[path]
            cut = max(path.rfind("."), path.rfind("["))
            path = path[: max(cut, 0)]
        return 1

    def place_of(self, path: str) -> str:
        """File and line of a rule, as in `policy.toml:41`."""
        return f"{self.file}:{self.line_of(path)}"
