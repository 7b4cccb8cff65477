"""Documents to values and back: policies in TOML and JSON, with every mistake at its place."""
