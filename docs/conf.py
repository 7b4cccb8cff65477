"""How the documentation is built: `make docs`, with warnings as errors."""

from importlib.metadata import version as installed_version

project = "relcare"
author = "relcare contributors"
copyright = "2026, relcare contributors"  # noqa: A001 - the name that Sphinx reads
version = release = installed_version("relcare")

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.napoleon"]
source_suffix = {".md": "markdown"}
exclude_patterns = ["_build", "examples"]
language = "en"

html_theme = "furo"
html_title = "relcare"

# Headings of up to three levels can be linked to as `page.md#heading`.
myst_heading_anchors = 3
myst_enable_extensions = ["colon_fence", "deflist"]

# Single backticks in docstrings mean code.
default_role = "code"

# Each public package is documented as it presents itself: its `__all__`, whatever private module a name comes from.
autodoc_default_options = {
    "members": True,
    "imported-members": True,
    "member-order": "bysource",
    "show-inheritance": True,
}
autodoc_typehints_format = "short"
napoleon_google_docstring = True
napoleon_numpy_docstring = False
# Attributes sections describe attrs fields; as `:ivar:` they do not collide with the members themselves.
napoleon_use_ivar = True
