"""Coalescing with real threads: they meet at barriers and events, never by sleeping."""

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from functions.dedup.coalescing import Coalescer

LIMIT_S = 20


class Gate:
    """Answers questions with their squares; the first batch waits until the gate is opened."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.entered = threading.Event()
        self.open = threading.Event()

    def answer(self, questions: Sequence[int]) -> list[int | Exception]:
        self.batches.append(list(questions))
        self.entered.set()
        assert self.open.wait(LIMIT_S)
        return [question**2 for question in questions]


def ask_while_first_is_answered(gate: Gate, room: Coalescer[int, int], questions: Sequence[int]) -> list[int]:
    """The answers, all but the first having been asked while the first was being answered."""
    with ThreadPoolExecutor(len(questions)) as threads:
        first = threads.submit(room.ask, questions[0])
        assert gate.entered.wait(LIMIT_S)
        rest = [threads.submit(room.ask, question) for question in questions[1:]]
        while room.waiting < len(rest):
            threading.Event().wait(0.001)
        gate.open.set()
        return [asked.result(LIMIT_S) for asked in (first, *rest)]


def test_a_lone_question_waits_for_nobody() -> None:
    room = Coalescer[int, int](lambda questions: [question + 1 for question in questions], max_batch=100)

    assert room.ask(1) == 2


def test_what_comes_meanwhile_is_answered_together() -> None:
    gate = Gate()
    room = Coalescer[int, int](gate.answer, max_batch=100)

    answers = ask_while_first_is_answered(gate, room, range(20))

    assert answers == [question**2 for question in range(20)]
    assert [len(batch) for batch in gate.batches] == [1, 19]


def test_a_batch_is_no_larger_than_allowed() -> None:
    gate = Gate()
    room = Coalescer[int, int](gate.answer, max_batch=7)

    answers = ask_while_first_is_answered(gate, room, range(21))

    assert answers == [question**2 for question in range(21)]
    assert [len(batch) for batch in gate.batches] == [1, 7, 7, 6]


def test_a_failed_batch_fails_all_of_its_questions_and_no_other() -> None:
    gate = Gate()

    def answer(questions: Sequence[int]) -> list[int | Exception]:
        answered = gate.answer(questions)
        if len(questions) > 1:
            raise ConnectionError("no lookup today")
        return answered

    room = Coalescer[int, int](answer, max_batch=100)

    with pytest.raises(ConnectionError, match="no lookup today"):
        ask_while_first_is_answered(gate, room, range(5))

    assert room.ask(3) == 9


def test_one_question_can_fail_alone() -> None:
    def answer(questions: Sequence[int]) -> list[int | Exception]:
        return [ValueError("odd") if question % 2 else question for question in questions]

    room = Coalescer[int, int](answer, max_batch=100)

    assert room.ask(2) == 2
    with pytest.raises(ValueError, match="odd"):
        room.ask(3)


def test_too_few_answers_fail_the_batch_instead_of_leaving_somebody_waiting() -> None:
    room = Coalescer[int, int](lambda _: [], max_batch=100)

    with pytest.raises(ValueError, match="shorter"):
        room.ask(1)


def test_batches_never_overlap() -> None:
    busy = threading.Lock()

    def answer(questions: Sequence[int]) -> list[int | Exception]:
        assert busy.acquire(blocking=False)
        try:
            return list(questions)
        finally:
            busy.release()

    room = Coalescer[int, int](answer, max_batch=3)

    with ThreadPoolExecutor(16) as threads:
        assert list(threads.map(room.ask, range(500))) == list(range(500))
