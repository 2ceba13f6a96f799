"""Floor 1: what is known. Tables, schemas, packages, overlays, status, sources, scenarios."""
