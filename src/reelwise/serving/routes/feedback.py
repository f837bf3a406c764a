"""`/api/v1/feedback`: what users do, as it happens."""

from anyio import CapacityLimiter, to_thread

from reelwise.live.events import Event, Recorded
from reelwise.serving.problems import problems
from reelwise.serving.routes.router import new_router
from reelwise.serving.schemas.feedback import FeedbackBatch, FeedbackVerdict
from reelwise.serving.telemetry.observation import current

router = new_router("/api/v1", tags=["users"])

_WRITING = CapacityLimiter(64)  # requests that wait for the disk, in threads of their own: others do not wait for them


@router.post(
    "/feedback",
    summary="Tell what users did",
    response_description="What became of the events.",
    responses=problems(413, 422, 503),
)
async def send_feedback(batch: FeedbackBatch) -> FeedbackVerdict:
    """Up to 1,000 events; each gets its verdict, and those accepted are on disk and in the next answer.

    A batch that does not have the declared shape is refused as a whole, 422. After 503 nothing of it was taken, or all
    of it: with `event_id` it can be sent again without counting twice.
    """
    events = [event.ask() for event in batch.events]
    # The service of now is asked for in the same thread: each change of threads is a wait for those that make lists.
    recorded = await to_thread.run_sync(current().ask, _record, events, limiter=_WRITING)
    return FeedbackVerdict.of(recorded)


def _record(events: list[Event]) -> Recorded:
    return current().model.now().feedback.record(events)
