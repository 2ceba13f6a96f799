"""Progress is told to whoever asks to hear of it, and changes nothing."""

import pytest

from serai.core.progress import heard_by, track


def test_every_item_is_told_and_given():
    told = []
    with heard_by(lambda *step: told.append(step)):
        assert list(track("ab", "Letters")) == ["a", "b"]
        assert list(track(iter("c"), "More", 1)) == ["c"]
        assert list(track(iter(()), "Unknown")) == []
    assert list(track("d", "Unheard")) == ["d"]
    assert told == [
        (0, 2, "Letters"), (1, 2, "Letters"), (2, 2, "Letters"), (0, 1, "More"), (1, 1, "More"), (0, 0, "Unknown"),
    ]  # fmt: skip


def test_a_fault_ends_the_hearing():
    told = []
    with pytest.raises(ZeroDivisionError), heard_by(lambda *step: told.append(step)):
        raise ZeroDivisionError
    assert list(track("a", "After")) == ["a"]
    assert told == []
