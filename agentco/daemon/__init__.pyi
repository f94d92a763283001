from agentco.daemon.live_company import LiveCompany as LiveCompany
from agentco.daemon.notifier import Notifier as Notifier
from agentco.daemon.run_queue import RunQueue as RunQueue
from agentco.daemon.run_server import ForkedRun as ForkedRun
from agentco.daemon.run_server_client import (
    RunProcess as RunProcess,
    RunServer as RunServer,
)
from agentco.daemon.scheduler import Scheduler as Scheduler
from agentco.daemon.slot_alarm import Alarm as Alarm
from agentco.daemon.supervise import Supervisor as Supervisor
from agentco.daemon.supervised_coroutine import Routine as Routine
