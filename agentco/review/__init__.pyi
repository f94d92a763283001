from agentco.review.agent_lines import (
    agent_line_prints as agent_line_prints,
    without_agent_lines as without_agent_lines,
)
from agentco.review.chain import call_refusal as call_refusal
from agentco.review.changed_text import (
    added_sentences as added_sentences,
    review_of_new_sentences as review_of_new_sentences,
)
from agentco.review.deliverable import (
    says_nothing as says_nothing,
    split_answer as split_answer,
    split_shown as split_shown,
)
from agentco.review.founder_files import founders_files as founders_files
from agentco.review.outside_texts import (
    is_from_outside as is_from_outside,
    says_outside as says_outside,
)
from agentco.review.reviews_due import DueReview as DueReview
from agentco.review.triggers import FiredTrigger as FiredTrigger
from agentco.review.unsourced_answer import why_made_up as why_made_up
from agentco.review.verdict import (
    Opinion as Opinion,
    Verdict as Verdict,
    opinions_in_text as opinions_in_text,
)
