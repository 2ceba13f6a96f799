"""Floor 0: errors, atomic files, compiled kernels, units and progress."""
