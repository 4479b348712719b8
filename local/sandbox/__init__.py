"""A stack on this machine that stays until Ctrl-C, for `order-sync --local`."""
