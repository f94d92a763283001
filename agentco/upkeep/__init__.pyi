from agentco.upkeep.checking import read_whole_company as read_whole_company
from agentco.upkeep.doctor import LOCAL_SERVERS as LOCAL_SERVERS
from agentco.upkeep.making_company import (
    make_company as make_company,
    plan_company as plan_company,
)
from agentco.upkeep.service_unit import unit_word as unit_word
from agentco.upkeep.trusting import (
    grant_trust as grant_trust,
    unsigned_claims as unsigned_claims,
)
