"""How far a bulk is: the caller's function, called with what the core tells."""

from __future__ import annotations

from wacloud._generated.results import BulkProgress

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from typing import Any


class Progress:
    """The function of one bulk, if it has one."""

    def __init__(self, function: Callable[[BulkProgress], object] | None) -> None:
        self._function = function

    def tell(self, told: Mapping[str, Any]) -> object:
        """Calls the function when there is something to tell; what it returned, if it did."""
        if self._function is None or "progress" not in told:
            return None
        return self._function(BulkProgress.from_core(told["progress"]))

    async def tell_async(self, told: Mapping[str, Any]) -> None:
        """The same for a function that may be a coroutine function."""
        returned = self.tell(told)
        if hasattr(returned, "__await__"):
            await returned


def watched(messages: object, options: Mapping[str, Any]) -> tuple[dict[str, Any], Progress]:
    """Options as the core takes them, and the function that they hold."""
    core = dict(options)
    progress = core["progress"]
    # Only where somebody wants to know: a length may cost a query.
    if progress and core["total"] is None and hasattr(type(messages), "__len__"):
        core["total"] = len(messages)  # type: ignore[arg-type]
    if not callable(progress):
        return core, Progress(None)
    del core["progress"]
    return {**core, "progress_callback": True}, Progress(progress)
