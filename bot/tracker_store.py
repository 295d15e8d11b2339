"""A tracker store that keeps nothing: each turn's tracker is built from the context the turn came with.

What is true about a family lives in the service's database alone, so a second copy of the conversation here
would only be one more place to lose it, leak it, or let it disagree. Where there is no turn (`rasa shell`,
`rasa test`) it is Rasa's ordinary in-memory store.
"""

from __future__ import annotations

from collections.abc import Iterable

from rasa.core.tracker_store import InMemoryTrackerStore
from rasa.shared.core.constants import ACTION_LISTEN_NAME
from rasa.shared.core.events import ActionExecuted, SessionStarted, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.turn_context import CURRENT_TURN, STORED_SLOTS, TurnContext


class ContextTrackerStore(InMemoryTrackerStore):
    """Builds a tracker per turn from the turn's context, and forgets it.

    Rasa wraps every store in one that answers a failing read with an empty tracker and goes on. A turn taken
    without its context would be a wrong turn, so `retrieve` notes on the turn that its tracker was built, and
    the channel refuses the turn where that note is missing.
    """

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The turn's fresh tracker, or an ordinary stored one where there is no turn."""
        turn = CURRENT_TURN.get()
        if turn is None:
            return await self._stored_tracker(sender_id)
        tracker = self._fresh_tracker(sender_id, turn)
        turn.tracker_built = True
        return tracker

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Keep nothing of a turn; keep an ordinary conversation in memory."""
        if CURRENT_TURN.get() is None:
            await super().save(tracker)

    async def keys(self) -> Iterable[str]:
        """Sender ids of ordinary conversations; a turn never leaves one."""
        return await super().keys()

    async def _stored_tracker(self, sender_id: str) -> DialogueStateTracker | None:
        tracker = await super().retrieve(sender_id)
        STORED_SLOTS.set(tracker.current_slot_values() if tracker else None)
        return tracker

    def _fresh_tracker(self, sender_id: str, turn: TurnContext) -> DialogueStateTracker:
        # With a session already started Rasa runs no action_session_start of its own.
        tracker = self.init_tracker(sender_id)
        tracker.update(SessionStarted(), self.domain)
        tracker.update(ActionExecuted(ACTION_LISTEN_NAME), self.domain)
        for slot, value in turn.slots().items():
            tracker.update(SlotSet(slot, value), self.domain)
        return tracker
