"""One check per function; each returns the faults it finds and never raises."""
