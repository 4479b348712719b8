"""A trading day on one machine: simulated partners, an embedded AWS, the template as it is."""
