from agentco.desk.asking import prompt_values as prompt_values
from agentco.desk.company_status import ActiveRun as ActiveRun
from agentco.desk.listener import (
    FounderQuestion as FounderQuestion,
    SilentListener as SilentListener,
)
from agentco.desk.memory_edits import (
    trust_facts as trust_facts,
    unsigned_facts as unsigned_facts,
)
from agentco.desk.open_company import OpenCompany as OpenCompany
from agentco.desk.schedule import load_schedule as load_schedule
from agentco.desk.scheduled_request import (
    scheduled_run_request as scheduled_run_request,
)
from agentco.desk.working import carry_out_in as carry_out_in, resume_run as resume_run
