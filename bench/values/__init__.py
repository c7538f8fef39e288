"""Values: expressions, loops and inventories beside ansible-core, in controller CPU."""
