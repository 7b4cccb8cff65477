"""What is owed, seen from a desk: boards of a day, a week and a month, as pure queries over obligations (PLN-7)."""

from relcare.planning._board import Board, BoardSection, SectionId, board

__all__ = ["Board", "BoardSection", "SectionId", "board"]
