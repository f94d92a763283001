from agentco.adapters.git.git_repository import (
    find_repository as find_repository,
    tracked_path as tracked_path,
)
from agentco.adapters.git.gitignore import GitIgnore as GitIgnore
