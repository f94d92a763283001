from agentco.public_text.check import check_public_text as check_public_text
from agentco.public_text.findings import (
    SOFT_RULES as SOFT_RULES,
    Finding as Finding,
    TextRule as TextRule,
    faults_of as faults_of,
)
from agentco.public_text.standards import build_standards as build_standards
