from agentco.page.addresses import strange_addresses as strange_addresses
from agentco.page.drawing import FILLER as FILLER, draw_text as draw_text
from agentco.page.seen_html import without_unseen as without_unseen
from agentco.page.sentences import (
    clip_sentence as clip_sentence,
    mark_words as mark_words,
    sentence_around as sentence_around,
)
