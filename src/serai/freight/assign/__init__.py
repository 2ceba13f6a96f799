"""Assignment of trips to the links of a network, in equilibrium."""
