"""Client care as plain typed values: whom to care for, how often, in what way, by whom, and why."""
