from agentco.adapters.daemon.machine_identity import (
    machine_id as machine_id,
    seat_of as seat_of,
)
from agentco.adapters.daemon.single_daemon import (
    HOST_FILE as HOST_FILE,
    SingleDaemon as SingleDaemon,
)
