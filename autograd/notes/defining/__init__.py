"""What the names of the notes stand for: what they define, front matter, conventions, sizes and shapes."""
