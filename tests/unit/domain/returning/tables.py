"""What TikTok's statuses of returns mean and which state may follow which, written down a second time (G2, TT 4.4)."""

from itertools import product

from order_sync.domain.returning.statuses import ReturnState

P, W, L, S, V, A, D, R, J, C, X, U = ReturnState
"""Pending, Waiting, Label, Shipped, receiVed, Accepted, refundeD, Replaced, reJected, Closed, arbitration, Unknown."""

# Status, and the state it stands for: as a rule, with a return label, of a refund without goods, in arbitration.
_STATUSES = """
RETURN_OR_REFUND_REQUEST_PENDING     P P P X
REFUND_OR_RETURN_REQUEST_REJECT      J J J X
AWAITING_BUYER_SHIP                  W L W X
BUYER_SHIPPED_ITEM                   S S S X
REJECT_RECEIVE_PACKAGE               J J J X
RETURN_OR_REFUND_REQUEST_SUCCESS     V V A X
RETURN_OR_REFUND_REQUEST_CANCEL      C C C C
RETURN_OR_REFUND_REQUEST_COMPLETE    D D D D
AWAITING_BUYER_RESPONSE              P P P X
REPLACEMENT_REQUEST_PENDING          P P P X
REPLACEMENT_REQUEST_REJECT           J J J X
REPLACEMENT_REQUEST_REFUND_SUCCESS   D D D D
REPLACEMENT_REQUEST_CANCEL           C C C C
REPLACEMENT_REQUEST_COMPLETE         R R R R
EXCHANGE_REQUEST_PENDING             P P P X
EXCHANGE_REQUEST_REFUND_SUCCESS      D D D D
EXCHANGE_REQUEST_CANCEL              C C C C
EXCHANGE_REQUEST_COMPLETE            R R R R
SOMETHING_NEW                        U U U X
"""

# From each state (rows) to each (columns): + may follow, . may not.
_TRANSITIONS = """
  P W L S V A D R J C X U
P . + + + + + + + + + + .
W . . + + + + + + + + + .
L . . . + + + + + + + + .
S . . . . + + + + + + + .
V . . . . . . + + . + + .
A . . . . . . + + . + + .
D . . . . . . . . . . . .
R . . . . . . . . . . . .
J . + + + + + + + . + + .
C . . . . . . . . . . . .
X + + + + + + + + + + . .
U + + + + + + + + + + + .
"""

_LETTERS = dict(zip("PWLSVADRJCXU", ReturnState, strict=True))


def _meanings() -> dict[str, tuple[ReturnState, ...]]:
    rows = [line.split() for line in _STATUSES.strip().splitlines()]
    return {status: tuple(_LETTERS[letter] for letter in letters) for status, *letters in rows}


def _transitions() -> dict[tuple[ReturnState, ReturnState], bool]:
    columns, *rows = [line.split() for line in _TRANSITIONS.strip().splitlines()]
    return {
        (_LETTERS[row[0]], _LETTERS[column]): sign == "+"
        for row in rows
        for column, sign in zip(columns, row[1:], strict=True)
    }


MEANINGS = _meanings()
"""Of each status: as a rule, with a label, without goods, in arbitration."""
MAY_FOLLOW = _transitions()
PAIRS = tuple(product(ReturnState, repeat=2))
