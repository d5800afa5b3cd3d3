"""Turns: one at a time, and in the order in which they came."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import pytest

from directory.web.turns import Turns


def test_whoever_came_first_goes_first_and_nobody_goes_beside_another() -> None:
    turns, order = Turns(), list[int]()
    inside = 0

    def take(number: int) -> None:
        nonlocal inside
        came[number].set()
        with turns:
            inside += 1
            assert inside == 1
            order.append(number)
            inside -= 1

    came = [Event() for _ in range(8)]
    with ThreadPoolExecutor(len(came)) as pool:
        with turns:
            taking = []
            for number, there in enumerate(came):
                taking.append(pool.submit(take, number))
                assert there.wait(10)
                while turns._given < number + 2:
                    pass
            assert not order, "this turn is not over"
        for one in taking:
            one.result(10)
    assert order == list(range(len(came)))


def test_a_turn_that_fails_is_over() -> None:
    turns = Turns()
    with pytest.raises(ValueError, match="no"), turns:
        raise ValueError("no")
    with turns:
        pass
