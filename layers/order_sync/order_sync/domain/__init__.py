"""Pure rules: no AWS, no HTTP, no clock, no environment."""
