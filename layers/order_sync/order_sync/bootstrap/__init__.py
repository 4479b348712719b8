"""The only place that builds real things, once per container. A function imports the modules that it uses."""
