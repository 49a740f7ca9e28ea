"""What a report looks like: terminal, JSON, Markdown, a page; explanations; corrected notes."""
