"""Trade and who gains: general equilibrium in exact hat algebra, and structural gravity. Knows no arcs."""
