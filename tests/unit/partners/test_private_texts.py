"""What a buyer wrote is not told by an error."""

import re

from hypothesis import example, given
from hypothesis import strategies as st

from order_sync.partners.private_texts import without


def test_what_the_buyer_wrote_is_taken_out_of_a_message() -> None:
    message = "ShippingCity 'SPRINGFIELD' does not match 62701; see Springfielder, Illinois"
    private = ["Springfield", "62701", "IL", "", "Illinois"]
    assert without(message, private, 300) == "ShippingCity '[…]' does not match […]; see Springfielder, […]"


def test_each_word_of_a_field_is_taken_out_however_short_it_is_and_however_it_is_written() -> None:
    message = "no buyer LI_NG, jose@example.com, Jose\u0301 or Müller at 12b, Elm; nor a client"
    private = ["Ng Li", "José", "MU\u0308LLER", "12B Elm St"]
    assert without(message, private, 300) == "no buyer […]_[…], […]@example.com, […] or […] at […], […]; nor a client"


def test_a_field_of_single_letters_is_taken_out_as_a_whole() -> None:
    assert without("no buyer 'A B', a b c", ["A B"], 300) == "no buyer '[…]', […] c"


def test_a_cut_never_ends_within_a_word() -> None:
    """The rest of a longer word could be a name."""
    assert without("unknown city Springfielder", ["Springfield"], 24) == "unknown city "
    assert without("unknown city Springfielder", ["Springfield"], 26) == "unknown city Springfielder"
    assert without("x" * 5000, [], 300) == ""


WORDS = st.text("abcLINGéüß12", min_size=1, max_size=6)
BETWEEN = st.sampled_from([" ", "'", ", ", "_", "-", "@", ": "])
TEXTS = st.lists(st.tuples(WORDS, BETWEEN), max_size=12).map(lambda parts: "".join(map("".join, parts)))


@given(text=TEXTS, private=st.lists(TEXTS | WORDS, max_size=4), longest=st.integers(0, 60))
@example(text="Lincoln", private=["Li"], longest=2)
def test_no_private_word_is_left_wherever_the_text_is_cut(text: str, private: list[str], longest: int) -> None:
    cut = without(" ".join([text, *private, text]), private, longest)
    left = {word.casefold() for word in re.findall(r"[^\W_]+", cut)}
    hidden = {word.casefold() for each in private for word in re.findall(r"[^\W_]{2,}", each)}

    assert len(cut) <= longest
    assert not left & hidden
