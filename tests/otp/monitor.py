"""What must hold of every order of a supervisor, whatever it hears."""

from agentco.supervision.child_specs import Restart, Spec
from agentco.supervision.events import Done, Event, Exited
from agentco.supervision.orders import Call, End, Order, Start, Stop


class Monitor:
    """Told of orders, and of events that counted, in their order."""

    def __init__(self, specs: list[Spec]) -> None:
        self.temporary = {
            spec.id for spec in specs if spec.restart is Restart.TEMPORARY
        }
        self.up: dict[str, int] = {}
        self.last = 0
        self.doing: Start | Stop | None = None
        self.over = False

    def __call__(self, seen: Event | Order) -> None:
        assert not self.over, "after its end"
        match seen:
            case Start(id=name, number=number, call=call):
                assert self.doing is None
                assert name not in self.up, "started twice"
                assert number > self.last, "a number of another life"
                assert name not in self.temporary or call in {Call.BOOT, Call.ADD}, (
                    "temporary, and restarted"
                )
                self.temporary -= (
                    {name} if call is Call.ADD else set()
                )  # the laws add permanent ones only
                self.doing, self.last = seen, number
            case Stop(id=name, number=number):
                assert self.doing is None
                assert self.up[name] == number, "stopped another life"
                self.doing = seen
            case Done(order=order):
                if isinstance(order, Start):
                    self.up[order.id] = order.number
                else:
                    del self.up[order.id]
            case Exited(id=name, number=number):
                assert self.up.pop(name) == number, "took one life for another"
            case End():
                assert self.up == {}, "gave up, and left something up"
                self.over = True
            case _:
                pass
        if self.doing and not isinstance(seen, Start | Stop):
            self.doing = None
