"""Policy documents for the trades, each rule with its source and each document with worked examples."""

from relcare.presets._presets import part_names, part_text, preset, preset_document, preset_names, preset_text

__all__ = ["part_names", "part_text", "preset", "preset_document", "preset_names", "preset_text"]
