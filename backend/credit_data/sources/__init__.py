"""Where records come from: the city's exchange database 前置库 that departments write into; see README.md beside this."""
