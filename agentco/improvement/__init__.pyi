from agentco.improvement.lessons import lesson_line as lesson_line
