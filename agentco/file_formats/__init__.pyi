from agentco.file_formats.amounts import (
    find_time_zone as find_time_zone,
    parse_retention as parse_retention,
)
from agentco.file_formats.company_headers import (
    CompanyHeaders as CompanyHeaders,
    write_document as write_document,
)
from agentco.file_formats.document import read_document as read_document
from agentco.file_formats.header_layout import split_header as split_header
from agentco.file_formats.header_repair import repair_header as repair_header
from agentco.file_formats.ignore_patterns import (
    IgnorePatterns as IgnorePatterns,
    read_ignore_lines as read_ignore_lines,
)
from agentco.file_formats.jsonc import read_jsonc as read_jsonc
from agentco.file_formats.plain_text import read_plain_text as read_plain_text
from agentco.file_formats.redaction import (
    REDACTION_MARK as REDACTION_MARK,
    redact_secrets as redact_secrets,
)
from agentco.file_formats.source_file import (
    FileFindings as FileFindings,
    SourceFile as SourceFile,
)
from agentco.file_formats.strict_yaml import (
    MAX_OPEN_BRACKETS as MAX_OPEN_BRACKETS,
    MAX_YAML_DEPTH as MAX_YAML_DEPTH,
    SYNTAX_CODE as SYNTAX_CODE,
    read_yaml as read_yaml,
)
from agentco.file_formats.tables import (
    find_tables as find_tables,
    read_column as read_column,
    separated_text_as_table as separated_text_as_table,
)
from agentco.file_formats.text_decoding import decode_text as decode_text
from agentco.file_formats.text_diff import diff_text as diff_text
from agentco.file_formats.text_edits import (
    replace_passage as replace_passage,
    replace_whole as replace_whole,
)
from agentco.file_formats.text_file import (
    TextFile as TextFile,
    open_text_file as open_text_file,
)
from agentco.file_formats.usage_export import (
    NoExport as NoExport,
    UsageExport as UsageExport,
    UsedAmount as UsedAmount,
    read_usage_export as read_usage_export,
)
from agentco.file_formats.yaml_values import QuotedText as QuotedText, Value as Value
