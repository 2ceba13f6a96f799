"""Floor 2, one wing: places, links and crossings become the supernetwork and its arc costs."""
