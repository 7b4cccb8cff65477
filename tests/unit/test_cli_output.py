"""JSON as commands print it: the layout of the standard library, in less time."""

import json
from json.encoder import encode_basestring, encode_basestring_ascii
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relcare.cli._output import indented

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
    max_leaves=12,
)


@given(VALUES)
def test_it_is_what_the_standard_library_writes(value: Any) -> None:
    assert indented(value, encode_basestring_ascii) == json.dumps(value, indent=2)
    assert indented(value, encode_basestring) == json.dumps(value, indent=2, ensure_ascii=False)


@pytest.mark.parametrize("value", [{}, [], {"a": []}, {"가": {"b": {}}}, '\u2028"\n'], ids=str)
def test_empty_and_strange_values_are_written_alike(value: Any) -> None:
    assert indented(value, encode_basestring) == json.dumps(value, indent=2, ensure_ascii=False)
