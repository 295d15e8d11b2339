"""Messages as the API shows them: one as JSON, and many as filtered pages, the newest first.

The program lists messages to find what a lost webhook or an unanswered send has left behind, for example
`GET Messages.json?To=+18605550100&DateSent>=2026-03-01T12:00:00Z&PageSize=100`.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from email.utils import format_datetime
from itertools import dropwhile, islice
from urllib.parse import urlencode

from simulator.api_errors import ApiError
from simulator.carrier import Carrier, Message
from simulator.settings import Settings

LARGEST_PAGE = 1000
DEFAULT_PAGE = 50
_PAGING = {"Page", "PageSize", "PageToken"}


def collection_path(account_sid: str) -> str:
    """The path of an account's messages."""
    return f"/2010-04-01/Accounts/{account_sid}/Messages.json"


def ends_of(message: Message, settings: Settings) -> tuple[str, str]:
    """Who sent the message and who gets it."""
    if message.direction == "inbound":
        return message.phone, settings.program_number
    return settings.program_number, message.phone


def as_resource(message: Message, settings: Settings) -> dict[str, object]:
    """One message in the API's JSON shape; numbers are strings, times RFC 2822, as at Twilio."""
    sender, recipient = ends_of(message, settings)
    # A messaging service picks its sender, and so knows the segments, only when it queues the message.
    waiting = message.status == "accepted"
    uri = f"/2010-04-01/Accounts/{settings.account_sid}/Messages/{message.sid}"
    return {
        "account_sid": settings.account_sid,
        "api_version": "2010-04-01",
        "body": message.body,
        "date_created": format_datetime(message.date_created),
        "date_sent": format_datetime(message.date_sent) if message.date_sent else None,
        "date_updated": format_datetime(message.date_updated),
        "direction": message.direction,
        "error_code": message.error_code,
        "error_message": None,
        "from": None if waiting else sender,
        "messaging_service_sid": message.messaging_service_sid,
        "num_media": str(message.num_media),
        "num_segments": "0" if waiting else str(message.count.segments),
        "price": None,
        "price_unit": "USD",
        "sid": message.sid,
        "status": message.status,
        "subresource_uris": {"media": f"{uri}/Media.json"},
        "to": recipient,
        "uri": f"{uri}.json",
    }


def as_page(carrier: Carrier, query: Mapping[str, str], settings: Settings) -> dict[str, object]:
    """One page of the messages that match the filters in `query`.

    A page token names the last message of the page before, so that texts arriving meanwhile shift nothing.
    """
    size, wanted = _page_size(query), _Wanted.read(query)
    candidates = _after(_candidates(carrier, query, settings), query.get("PageToken"))
    matching = (message for message in candidates if wanted.has(message, settings))
    rest = list(islice(matching, size + 1))
    shown, number = rest[:size], _whole_number(query, "Page", 0)
    next_token = f"PA{shown[-1].sid}" if len(rest) > size else None
    return {
        "messages": [as_resource(message, settings) for message in shown],
        "page": number,
        "page_size": size,
        "start": number * size,
        "end": number * size + max(len(shown) - 1, 0),
        "uri": _page_uri(query, settings, number, query.get("PageToken")),
        "first_page_uri": _page_uri(query, settings, 0, None),
        "next_page_uri": _page_uri(query, settings, number + 1, next_token) if next_token else None,
        "previous_page_uri": None,
    }


def _candidates(carrier: Carrier, query: Mapping[str, str], settings: Settings) -> Iterable[Message]:
    """The fewest messages among which all that match must be."""
    ends = {query[name] for name in ("From", "To") if name in query}
    phones = ends - {settings.program_number}
    if phones:
        return carrier.newest_first(phone=min(phones))
    return carrier.newest_first(inbound=query.get("To") == settings.program_number)


def _after(messages: Iterable[Message], token: str | None) -> Iterable[Message]:
    if token is None:
        return messages
    sid = token.removeprefix("PA")
    return islice(dropwhile(lambda message: message.sid != sid, messages), 1, None)


def _page_size(query: Mapping[str, str]) -> int:
    return max(1, min(LARGEST_PAGE, _whole_number(query, "PageSize", DEFAULT_PAGE)))


def _whole_number(query: Mapping[str, str], name: str, default: int) -> int:
    value = query.get(name, str(default))
    if not value.isascii() or not value.isdigit():
        raise ApiError(20001, f"{name} must be a whole number.")
    return int(value)


def _page_uri(query: Mapping[str, str], settings: Settings, number: int, token: str | None) -> str:
    filters = {name: value for name, value in query.items() if name not in _PAGING}
    paging = {"PageSize": str(_page_size(query)), "Page": str(number)}
    if token:
        paging["PageToken"] = token
    return f"{collection_path(settings.account_sid)}?{urlencode(filters | paging)}"


@dataclass(frozen=True)
class _Wanted:
    """The filters of one request, read once."""

    sender: str | None
    recipient: str | None
    on: date | None
    since: datetime | None
    until: datetime | None

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "_Wanted":
        on, since, until = query.get("DateSent"), query.get("DateSent>"), query.get("DateSent<")
        return cls(
            query.get("From"),
            query.get("To"),
            _moment(on).date() if on else None,
            _moment(since) if since else None,
            _moment(until, end_of_day=True) if until else None,
        )

    def has(self, message: Message, settings: Settings) -> bool:
        sender, recipient = ends_of(message, settings)
        if self.sender not in (None, sender) or self.recipient not in (None, recipient):
            return False
        # A message that has not left yet is found by the time it was made.
        moment = message.date_sent or message.date_created
        if (self.on and moment.date() != self.on) or (self.since and moment < self.since):
            return False
        return self.until is None or moment <= self.until


def _moment(text: str, *, end_of_day: bool = False) -> datetime:
    """Read `2026-03-01` or `2026-03-01T12:00:00Z`; a day alone means its beginning, or its end."""
    try:
        if len(text) == len("2026-03-01"):
            time = datetime.max.time() if end_of_day else datetime.min.time()
            return datetime.combine(date.fromisoformat(text), time, UTC)
        moment = datetime.fromisoformat(text)
    except ValueError as error:
        raise ApiError(20001, "DateSent must be a date or a time in ISO 8601.") from error
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
