from agentco.engine.cancel import (
    cancel_run as cancel_run,
    note_failures as note_failures,
)
from agentco.engine.decide import (
    approve_effect as approve_effect,
    record_decision as record_decision,
    settle_by_founder as settle_by_founder,
    waive_trigger as waive_trigger,
)
from agentco.engine.drive import (
    POLL_S as POLL_S,
    carry_out_approved as carry_out_approved,
    drive_run as drive_run,
    proceed_without_founder as proceed_without_founder,
    stop_driving as stop_driving,
)
from agentco.engine.effect_input import is_founders_file as is_founders_file
from agentco.engine.office import Office as Office
from agentco.engine.route import ready_at as ready_at
from agentco.engine.settle import (
    EffectResult as EffectResult,
    answer_text as answer_text,
)
from agentco.engine.start import RunRequest as RunRequest, start_run as start_run
from agentco.engine.take_over import take_over_run as take_over_run
