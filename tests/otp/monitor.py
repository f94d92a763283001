"""What must hold of every order of a supervisor, whatever it hears."""

from agentco.supervision import (
    ChildExited,
    ChildSpec,
    EndSupervisor,
    OrderDone,
    RestartRule,
    StartChild,
    StopChild,
    SupervisorCall,
    SupervisorEvent,
    SupervisorOrder,
)


class Monitor:
    """Told of orders, and of events that counted, in their order."""

    def __init__(self, specs: list[ChildSpec]) -> None:
        self.temporary = {
            spec.id for spec in specs if spec.restart is RestartRule.TEMPORARY
        }
        self.up: dict[str, int] = {}
        self.last = 0
        self.doing: StartChild | StopChild | None = None
        self.over = False

    def __call__(self, seen: SupervisorEvent | SupervisorOrder) -> None:
        assert not self.over, "after its end"
        match seen:
            case StartChild(id=name, number=number, call=call):
                assert self.doing is None
                assert name not in self.up, "started twice"
                assert number > self.last, "a number of another life"
                assert name not in self.temporary or call in {
                    SupervisorCall.BOOT,
                    SupervisorCall.ADD,
                }, "temporary, and restarted"
                self.temporary -= (
                    {name} if call is SupervisorCall.ADD else set()
                )  # the laws add permanent ones only
                self.doing, self.last = seen, number
            case StopChild(id=name, number=number):
                assert self.doing is None
                assert self.up[name] == number, "stopped another life"
                self.doing = seen
            case OrderDone(order=order):
                if isinstance(order, StartChild):
                    self.up[order.id] = order.number
                else:
                    del self.up[order.id]
            case ChildExited(id=name, number=number):
                assert self.up.pop(name) == number, "took one life for another"
            case EndSupervisor():
                assert self.up == {}, "gave up, and left something up"
                self.over = True
            case _:
                pass
        if self.doing and not isinstance(seen, StartChild | StopChild):
            self.doing = None
