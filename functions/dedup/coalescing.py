"""Questions that wait at the same moment are answered together: one query for a hundred requests.

There is no timer. A question that finds nobody at work is answered at once; whatever arrives meanwhile waits and forms
the next batch. So a lone question waits for nobody, and under load batches grow by themselves.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import Future
from threading import Condition


class Coalescer[Question, Answer]:
    """Turns concurrent single questions into one batch at a time.

    One of the waiting threads answers a batch for all; which one is its turn ends with its own answer, so that no
    request is held up to serve those that came later. Batches never overlap: whoever answers one may keep a state.
    """

    def __init__(
        self, answer_all: Callable[[Sequence[Question]], Sequence[Answer | Exception]], *, max_batch: int
    ) -> None:
        """`answer_all` gives one answer per question, in order; an exception among them is raised for that one."""
        self._answer_all = answer_all
        self._max_batch = max_batch
        self._changed = Condition()
        self._waiting: list[tuple[Question, Future[Answer]]] = []
        self._answering = False

    @property
    def waiting(self) -> int:
        """How many questions wait for the present batch to be answered."""
        with self._changed:
            return len(self._waiting)

    def ask(self, question: Question) -> Answer:
        """The answer to `question`, as soon as the batch it falls into has been answered.

        Raises:
            Exception: what `answer_all` gave for this question, or raised for its whole batch.
        """
        asked: Future[Answer] = Future()
        with self._changed:
            self._waiting.append((question, asked))
        while not asked.done():
            self._answer(self._next_batch(asked))
        return asked.result()

    def _next_batch(self, asked: Future[Answer]) -> list[tuple[Question, Future[Answer]]]:
        """The oldest waiting questions once nobody is at work; none when `asked` was answered before that."""
        with self._changed:
            self._changed.wait_for(lambda: asked.done() or not self._answering)
            if asked.done():
                return []
            self._answering = True
            batch = self._waiting[: self._max_batch]
            del self._waiting[: self._max_batch]
            return batch

    def _answer(self, batch: list[tuple[Question, Future[Answer]]]) -> None:
        if not batch:
            return
        try:
            answers = self._answer_all([question for question, _ in batch])
            for (_, asked), answer in zip(batch, answers, strict=True):
                _settle(asked, answer)
        except BaseException as error:
            for _, asked in batch:
                if not asked.done():
                    asked.set_exception(error)
            raise
        finally:
            with self._changed:
                self._answering = False
                self._changed.notify_all()


def _settle[Answer](asked: Future[Answer], answer: Answer | Exception) -> None:
    if isinstance(answer, Exception):
        asked.set_exception(answer)
    else:
        asked.set_result(answer)
