"""One module per function: gather, decide, apply. Collaborators are arguments."""
