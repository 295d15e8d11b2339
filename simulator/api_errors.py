"""The errors of the Messages API that the program must tell apart, with Twilio's codes and JSON shape.

https://www.twilio.com/docs/api/errors lists the codes. Sending to what is no phone number answers,
for example, `{"code": 21211, "message": "…", "more_info": "…", "status": 400}`.
"""

from fastapi.responses import JSONResponse

HTTP_STATUS_OF_CODE = {
    20001: 400,  # a parameter cannot be used
    20003: 401,  # the credentials are wrong
    20009: 409,  # the message is still on its way, so it cannot be redacted or deleted
    20404: 404,  # no such message
    20429: 429,  # too many requests at once; never processed
    20500: 500,  # something broke at Twilio; the outcome is unknown
    21211: 400,  # To is no phone number
    21602: 400,  # no Body
    21603: 400,  # no From
    21604: 400,  # no To
    21606: 400,  # From is not a number of this account
    21609: 400,  # StatusCallback is no address
    21610: 400,  # the phone has said STOP
    21617: 400,  # Body is too long
    21701: 404,  # no such messaging service
}


class ApiError(Exception):
    """A request the API refuses; the HTTP status goes with the code unless another one is given."""

    def __init__(self, code: int, message: str, *, status: int | None = None) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status or HTTP_STATUS_OF_CODE[code]


def error_response(error: ApiError, headers: dict[str, str] | None = None) -> JSONResponse:
    """The error as Twilio words it in JSON."""
    if error.status == 401:
        headers = {"WWW-Authenticate": 'Basic realm="Twilio API"', **(headers or {})}
    body = {
        "code": error.code,
        "message": error.message,
        "more_info": f"https://www.twilio.com/docs/errors/{error.code}",
        "status": error.status,
    }
    return JSONResponse(body, status_code=error.status, headers=headers)
