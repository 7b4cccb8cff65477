"""How property tests run.

`default` explores anew, `ci` gives every run the same sixty examples, `quick` is for a second interpreter, `long` is a soak:
`pytest --hypothesis-profile=long`.
"""

import os

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile("default", deadline=None, print_blob=True)
settings.register_profile(
    "ci",
    max_examples=60,
    deadline=None,
    print_blob=True,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.register_profile("quick", settings.get_profile("ci"), max_examples=25)
settings.register_profile("long", deadline=None, print_blob=True, max_examples=5_000)
settings.load_profile("ci" if os.environ.get("CI") else "default")

# What it asserts says what differs, as in a module of tests.
pytest.register_assert_rewrite("tests.property.frames_alike")
