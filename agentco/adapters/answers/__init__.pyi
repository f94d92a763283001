from agentco.adapters.answers.echo import restore_echoes as restore_echoes
from agentco.adapters.answers.usage_counts import stated_cost as stated_cost
from agentco.adapters.answers.whole_answers import (
    end_word as end_word,
    is_chat_completion as is_chat_completion,
)
from agentco.adapters.answers.written_calls import (
    find_written_calls as find_written_calls,
)
