"""What a family wrote never reaches the log through an exception."""

from __future__ import annotations

import io
import logging

from bot.log_privacy import keep_messages_out_of_logs

SECRET = "Xiomara does not walk"


def _logged(write: object) -> str:
    keep_messages_out_of_logs()
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(levelname)s %(message)s"))
    logger = logging.getLogger("growline.test.privacy")
    logger.addHandler(handler)
    try:
        write(logger)  # type: ignore[operator]
    finally:
        logger.removeHandler(handler)
    return stream.getvalue()


def _fail_with_cause() -> None:
    try:
        raise KeyError(SECRET)
    except KeyError as error:
        raise ValueError(SECRET) from error


def test_a_traceback_is_logged_without_the_messages_in_its_chain() -> None:
    def write(logger: logging.Logger) -> None:
        try:
            _fail_with_cause()
        except ValueError:
            logger.exception("an action failed")

    logged = _logged(write)
    assert "an action failed" in logged
    assert "ValueError" in logged and "KeyError" in logged and "_fail_with_cause" in logged
    assert SECRET not in logged


def test_an_exception_given_as_an_argument_is_logged_by_its_type() -> None:
    logged = _logged(lambda logger: logger.error("failed: %s", ValueError(SECRET)))
    assert logged == "ERROR failed: ValueError\n"


def test_an_ordinary_line_is_left_alone() -> None:
    assert _logged(lambda logger: logger.error("took %s ms", 12)) == "ERROR took 12 ms\n"
