from agentco.board.document import (
    BOARD_FILE as BOARD_FILE,
    TaskBoard as TaskBoard,
    read_board as read_board,
    unknown_owners as unknown_owners,
)
from agentco.board.list_item import remove_token as remove_token, set_token as set_token
from agentco.board.taking_back import (
    BoardRecord as BoardRecord,
    find_line_changes as find_line_changes,
    take_back as take_back,
)
from agentco.board.task import (
    Task as Task,
    count_misses_now as count_misses_now,
    is_chronic as is_chronic,
    is_overdue as is_overdue,
)
from agentco.board.typed_task import (
    NewTask as NewTask,
    read_typed_task as read_typed_task,
)
